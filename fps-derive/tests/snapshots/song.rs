// #[derive(Checkout)]
// #[checkout(payment_reason = "{title} - {artist}", payment_methods(ABT, ACH, CC))]
// struct Song {
//     title: String,
//     artist: String,
//     #[checkout(item_total)]
//     price: Amount,
//     #[checkout(tax)]
//     sales_tax: Option<Amount>,
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
                .charge(
                    __fps::Charge::Tax,
                    <Option<Amount> as __fps::IntoAmount>::to_amount(&self.sales_tax),
                )?;
            __fps_line
                .payment_reason(
                    ::core::format_args!(
                        "{} - {}",
                        __fps::AsText(&self.title),
                        __fps::AsText(&self.artist),
                    ),
                );
            __fps_line
                .payment_methods(
                    __fps::PaymentMethods::of(
                        &[
                            __fps::PaymentMethod::Abt,
                            __fps::PaymentMethod::Ach,
                            __fps::PaymentMethod::Cc,
                        ],
                    ),
                );
            __fps::Result::Ok(())
        }
    }
};
