// #[derive(Checkout)]
// struct Song {
//     price: Amount,
// }

const _: () = {
    use ::fps_core::__private as __fps;

    #[automatically_derived]
    impl __fps::Checkout for Song {
        fn parameters(
            &self,
        ) -> __fps::Result<__fps::PipelineParameters, __fps::CheckoutError> {
            loop {}
        }
    }
};
::core::compile_error! {
    "this is money without a word: say which charge it is, `#[checkout(…)]` with one of `item_total`, `shipping`, `handling`, `gift_wrapping`, `discount`, `tax`, or `#[checkout(skip)]` if it is none"
}
