// #[derive(Checkout)]
// #[checkout(item_total = "9.99", shipping = "4.99", discount = "1.00", payment_reason = "The yearbook")]
// struct Yearbook;

const _: () = {
    use ::fps_core::__private as __fps;

    #[automatically_derived]
    #[allow(deprecated)]
    impl __fps::Checkout for Yearbook {
        #[inline]
        fn parameters(
            &self,
        ) -> __fps::Result<__fps::PipelineParameters, __fps::CheckoutError> {
            __fps::Line::parameters_of(self)
        }

        #[inline(always)]
        fn describe(
            &self,
            __fps_line: &mut __fps::Line,
        ) -> __fps::Result<(), __fps::CheckoutError> {
            __fps_line
                .fixed_charge(__fps::Charge::ItemTotal, __fps::Amount::from_cents(999))?;
            __fps_line
                .fixed_charge(__fps::Charge::Shipping, __fps::Amount::from_cents(499))?;
            __fps_line
                .fixed_charge(__fps::Charge::Discount, __fps::Amount::from_cents(100))?;
            __fps_line.fixed_reason("The yearbook");
            __fps::Result::Ok(())
        }
    }
};
