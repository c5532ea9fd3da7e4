// #[derive(Checkout)]
// #[checkout(payment_reason = "Order {number}", reserve)]
// struct Cart {
//     number: u64,
//     #[checkout(items)]
//     songs: Vec<Song>,
//     #[checkout(items(values))]
//     extras: BTreeMap<String, Extra>,
// }

const _: () = {
    use ::fps_core::__private as __fps;

    #[automatically_derived]
    #[allow(deprecated)]
    impl __fps::Checkout for Cart {
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
                .payment_reason(
                    ::core::format_args!("Order {}", __fps::AsText(&self.number)),
                );
            __fps_line.reserve();
            <Vec<Song> as __fps::Items<_>>::add_to(&self.songs, __fps_line)?;
            __fps_line.items(self.extras.values())?;
            __fps::Result::Ok(())
        }
    }
};
