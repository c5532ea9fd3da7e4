// #[derive(Checkout)]
// #[checkout(payment_methods(CC), reserve, collect_shipping_address)]
// struct Preorder(#[checkout(item_total)] Amount);

const _: () = {
    use ::fps_core::__private as __fps;

    #[automatically_derived]
    #[allow(deprecated)]
    impl __fps::Checkout for Preorder {
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
                .charge(
                    __fps::Charge::ItemTotal,
                    <Amount as __fps::IntoAmount>::to_amount(&self.0),
                )?;
            __fps_line
                .payment_methods(__fps::PaymentMethods::of(&[__fps::PaymentMethod::Cc]));
            __fps_line.reserve();
            __fps_line.collect_shipping_address()?;
            __fps::Result::Ok(())
        }
    }
};
