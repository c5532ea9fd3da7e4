// #[derive(Checkout)]
// #[checkout(payment_reason = "{type} {r#fn}")]
// struct Song {
//     r#type: String,
//     r#fn: String,
//     #[checkout(item_total)]
//     r#box: Amount,
// }

const _: () = {
    use ::fps_core::__private as __fps;

    #[automatically_derived]
    #[allow(deprecated)]
    impl __fps::Checkout for Song {
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
                    <Amount as __fps::IntoAmount>::to_amount(&self.r#box),
                )?;
            __fps_line
                .payment_reason(
                    ::core::format_args!(
                        "{} {}",
                        __fps::AsText(&self.r#type),
                        __fps::AsText(&self.r#fn),
                    ),
                );
            __fps::Result::Ok(())
        }
    }
};
