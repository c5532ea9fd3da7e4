// #[derive(Checkout)]
// #[checkout(payment_reason = "{count} × {name}", shipping = "4.99")]
// struct Order {
//     name: &'static str,
//     #[checkout(item_total)]
//     unit_price: Amount,
//     #[checkout(quantity)]
//     count: u32,
// }

const _: () = {
    use ::fps_core::__private as __fps;

    #[automatically_derived]
    #[allow(deprecated)]
    impl __fps::Checkout for Order {
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
                .charge_times(
                    __fps::Charge::ItemTotal,
                    <Amount as __fps::IntoAmount>::to_amount(&self.unit_price),
                    <u32 as __fps::Quantity>::to_pieces(&self.count)?,
                )?;
            __fps_line
                .fixed_charge(__fps::Charge::Shipping, __fps::Amount::from_cents(499))?;
            __fps_line
                .payment_reason(
                    ::core::format_args!(
                        "{} × {}",
                        __fps::AsText(&self.count),
                        __fps::AsText(&self.name),
                    ),
                );
            __fps::Result::Ok(())
        }
    }
};
