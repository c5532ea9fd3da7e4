// #[derive(IntoAmount)]
// struct Price<T>(Option<T>);

const _: () = {
    use ::fps_core::__private as __fps;

    #[automatically_derived]
    #[allow(deprecated)]
    impl<T> __fps::IntoAmount for Price<T>
    where
        Option<T>: __fps::IntoAmount,
    {
        #[inline]
        fn to_amount(
            &self,
        ) -> __fps::Result<__fps::Option<__fps::Amount>, __fps::AmountError> {
            <Option<T> as __fps::IntoAmount>::to_amount(&self.0)
        }
    }
};
