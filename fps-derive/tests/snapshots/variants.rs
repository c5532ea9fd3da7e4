// #[derive(Checkout)]
// #[checkout(payment_methods(ABT, CC), payment_reason = "{title}", shipping = "4.99")]
// enum Product {
//     Song {
//         title: String,
//         #[checkout(item_total)]
//         price: Amount,
//     },
//     #[checkout(payment_reason = "<b>{0}</b>, signed", shipping = "9.99", collect_shipping_address)]
//     Poster(String, #[checkout(item_total)] Amount),
//     #[checkout(payment_reason = "A ticket", item_total = "25.00")]
//     Ticket,
// }

const _: () = {
    use ::fps_core::__private as __fps;

    #[automatically_derived]
    #[allow(deprecated)]
    impl __fps::Checkout for Product {
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
            match self {
                Self::Song {
                    title: __fps_field_title,
                    price: __fps_field_price,
                    ..
                } => {
                    __fps_line
                        .charge(
                            __fps::Charge::ItemTotal,
                            <Amount as __fps::IntoAmount>::to_amount(__fps_field_price),
                        )?;
                    __fps_line
                        .fixed_charge(
                            __fps::Charge::Shipping,
                            __fps::Amount::from_cents(499),
                        )?;
                    __fps_line
                        .payment_reason(
                            ::core::format_args!(
                                "{}",
                                __fps::AsText(__fps_field_title),
                            ),
                        );
                    __fps_line
                        .payment_methods(
                            __fps::PaymentMethods::of(
                                &[__fps::PaymentMethod::Abt, __fps::PaymentMethod::Cc],
                            ),
                        );
                }
                Self::Poster { 0: __fps_field_0, 1: __fps_field_1, .. } => {
                    __fps_line
                        .charge(
                            __fps::Charge::ItemTotal,
                            <Amount as __fps::IntoAmount>::to_amount(__fps_field_1),
                        )?;
                    __fps_line
                        .fixed_charge(
                            __fps::Charge::Shipping,
                            __fps::Amount::from_cents(999),
                        )?;
                    __fps_line
                        .payment_reason(
                            ::core::format_args!(
                                "<b>{}</b>, signed",
                                __fps::AsText(__fps_field_0),
                            ),
                        );
                    __fps_line
                        .payment_methods(
                            __fps::PaymentMethods::of(
                                &[__fps::PaymentMethod::Abt, __fps::PaymentMethod::Cc],
                            ),
                        );
                    __fps_line.collect_shipping_address()?;
                }
                Self::Ticket { .. } => {
                    __fps_line
                        .fixed_charge(
                            __fps::Charge::ItemTotal,
                            __fps::Amount::from_cents(2500),
                        )?;
                    __fps_line
                        .fixed_charge(
                            __fps::Charge::Shipping,
                            __fps::Amount::from_cents(499),
                        )?;
                    __fps_line.fixed_reason("A ticket");
                    __fps_line
                        .payment_methods(
                            __fps::PaymentMethods::of(
                                &[__fps::PaymentMethod::Abt, __fps::PaymentMethod::Cc],
                            ),
                        );
                }
            }
            __fps::Result::Ok(())
        }
    }
};
