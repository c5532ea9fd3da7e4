// #[derive(Checkout)]
// #[checkout(payment_reason = "{title}")]
// struct Song<'a, T, P: Clone, const N: usize>
// where
//     T: Clone,
// {
//     title: T,
//     artist: &'a str,
//     #[checkout(item_total)]
//     price: Option<P>,
//     parts: [u8; N],
// }

const _: () = {
    use ::fps_core::__private as __fps;

    #[automatically_derived]
    #[allow(deprecated)]
    impl<'a, T, P: Clone, const N: usize> __fps::Checkout for Song<'a, T, P, N>
    where
        T: Clone,
        T: __fps::Display,
        Option<P>: __fps::IntoAmount,
    {
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
                    <Option<P> as __fps::IntoAmount>::to_amount(&self.price),
                )?;
            __fps_line
                .payment_reason(
                    ::core::format_args!("{}", __fps::AsText(&self.title)),
                );
            __fps::Result::Ok(())
        }
    }
};
