// Package data is PyTorch's torch.utils.data: datasets, the order to go through
// them, and loaders that make batches of them.
//
//	dataset := data.NewTensorDataset(images, labels)
//	loader := data.NewDataLoader(dataset, data.DataLoaderOptions{BatchSize: 64, Shuffle: true})
//	for batch, err := range loader.All(ctx) {
//		if err != nil {
//			return err
//		}
//		torch.Scope(func() {
//			loss := criterion.Forward(net.Forward(batch[0]), batch[1])
//			...
//		})
//	}
//
// # Errors
//
// Reading data fails for reasons that a program should expect, so datasets return
// errors, and a loop over a loader gives each batch with an error, as Go's
// iterators do: it cannot be overlooked as an accessor to be asked after the loop
// could. Bad arguments of functions here panic with a *torch.Error.
//
// # Workers
//
// Goroutines read samples and collate them when NumWorkers says so. They share the
// program's memory, so nothing is copied between them, and a dataset needs locks
// only around what it changes. For a [TensorDataset], whose batches are copies of
// rows made by one call per tensor, workers do not pay; for files and images they
// do. In a worker each operation uses one thread, as in Python's: see
// [torch.WithNumThreads].
//
// # Memory
//
// A batch is valid until the next turn of the loop, which frees it without waiting
// for the garbage collector; Keep it to have it for longer. What the loop's body
// makes is freed as elsewhere: by the collector, by Close, or by a torch.Scope.
//
// # The same order as Python's
//
// With the same seed or [torch.Generator], samplers and loaders give the same
// order as Python's, and draw as many random numbers.
package data
