// #[derive(Checkout)]
// #[checkout(crate = "::payments", item_total = "1.00")]
// struct Sticker;

const _: () = {
    use ::payments::__private as __fps;

    #[automatically_derived]
    #[allow(deprecated)]
    impl __fps::Checkout for Sticker {
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
                .fixed_charge(__fps::Charge::ItemTotal, __fps::Amount::from_cents(100))?;
            __fps::Result::Ok(())
        }
    }
};
