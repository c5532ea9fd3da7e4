// #[derive(Checkout)]
// struct Parcel {
//     #[checkout(payment_reason)]
//     what: String,
//     #[checkout(item_total)]
//     book: Amount,
//     #[checkout(item_total)]
//     bookmark: Amount,
//     #[checkout(shipping)]
//     postage: Amount,
//     #[checkout(handling)]
//     packing: Amount,
//     #[checkout(gift_wrapping)]
//     ribbon: Option<Amount>,
//     #[checkout(discount)]
//     voucher: Option<Amount>,
//     #[checkout(tax)]
//     vat: Amount,
//     #[checkout(skip)]
//     list_price: Amount,
// }

const _: () = {
    use ::fps_core::__private as __fps;

    #[automatically_derived]
    #[allow(deprecated)]
    impl __fps::Checkout for Parcel {
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
                    <Amount as __fps::IntoAmount>::to_amount(&self.book),
                )?;
            __fps_line
                .charge(
                    __fps::Charge::ItemTotal,
                    <Amount as __fps::IntoAmount>::to_amount(&self.bookmark),
                )?;
            __fps_line
                .charge(
                    __fps::Charge::Shipping,
                    <Amount as __fps::IntoAmount>::to_amount(&self.postage),
                )?;
            __fps_line
                .charge(
                    __fps::Charge::Handling,
                    <Amount as __fps::IntoAmount>::to_amount(&self.packing),
                )?;
            __fps_line
                .charge(
                    __fps::Charge::GiftWrapping,
                    <Option<Amount> as __fps::IntoAmount>::to_amount(&self.ribbon),
                )?;
            __fps_line
                .charge(
                    __fps::Charge::Discount,
                    <Option<Amount> as __fps::IntoAmount>::to_amount(&self.voucher),
                )?;
            __fps_line
                .charge(
                    __fps::Charge::Tax,
                    <Amount as __fps::IntoAmount>::to_amount(&self.vat),
                )?;
            __fps_line
                .payment_reason_text(
                    <String as __fps::ReasonText>::reason_text(&self.what),
                );
            __fps::Result::Ok(())
        }
    }
};
