// #[derive(Checkout)]
// struct Gift {
//     #[checkout(item_total)]
//     price: Amount,
//     #[checkout(address)]
//     to: ShippingAddress,
// }

const _: () = {
    use ::fps_core::__private as __fps;

    #[automatically_derived]
    #[allow(deprecated)]
    impl __fps::Checkout for Gift {
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
                .address(<ShippingAddress as __fps::IntoAddress>::to_address(&self.to))?;
            __fps::Result::Ok(())
        }
    }
};
