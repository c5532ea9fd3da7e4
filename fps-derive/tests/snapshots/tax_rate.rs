// #[derive(Checkout)]
// #[checkout(tax_rate = "8.25%", tax_on(item_total, shipping, discount))]
// struct Lamp {
//     #[checkout(item_total)]
//     price: Amount,
//     #[checkout(shipping)]
//     freight: Amount,
//     #[checkout(discount)]
//     rebate: Option<Amount>,
// }

const _: () = {
    use ::fps_core::__private as __fps;

    #[automatically_derived]
    #[allow(deprecated)]
    impl __fps::Checkout for Lamp {
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
                    __fps::Charge::Shipping,
                    <Amount as __fps::IntoAmount>::to_amount(&self.freight),
                )?;
            __fps_line
                .charge(
                    __fps::Charge::Discount,
                    <Option<Amount> as __fps::IntoAmount>::to_amount(&self.rebate),
                )?;
            __fps_line
                .tax_rate(
                    __fps::TaxRate::from_millionths(82500),
                    &[
                        __fps::Charge::ItemTotal,
                        __fps::Charge::Shipping,
                        __fps::Charge::Discount,
                    ],
                )?;
            __fps::Result::Ok(())
        }
    }
};
