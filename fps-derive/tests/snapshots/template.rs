// #[derive(Checkout)]
// #[checkout(payment_reason = "<i>{title:.max$}</i> {{{artist.name}}} {length():>6} {tags.0:?}")]
// struct Song {
//     title: String,
//     max: usize,
//     artist: Artist,
//     tags: (String, u8),
//     #[checkout(item_total)]
//     price: Amount,
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
                    <Amount as __fps::IntoAmount>::to_amount(&self.price),
                )?;
            __fps_line
                .payment_reason(
                    ::core::format_args!(
                        "<i>{}</i> {{{}}} {} {}",
                        __fps::AsText(
                            &::core::format_args!(
                                "{:.max$}",
                                self.title,
                                max = self.max,
                            ),
                        ),
                        __fps::AsText(&self.artist.name),
                        __fps::AsText(
                            &::core::format_args!("{:>6}", self.length()),
                        ),
                        __fps::AsText(&::core::format_args!("{:?}", self.tags.0)),
                    ),
                );
            __fps::Result::Ok(())
        }
    }
};
