// Package parallel divides layers among processes that compute them together: PyTorch's tensor
// parallelism.
//
//	mesh, err := distributed.InitDeviceMesh(torch.CPU, []int{4})
//	...
//	err = parallel.ParallelizeModule(net, mesh, parallel.Plan{
//		"up":   parallel.ColwiseParallel{},
//		"down": parallel.RowwiseParallel{},
//	})
//
// The processes get the same input, and each computes some features of the hidden layer; the
// results add up. Layers within the plan stay the modules that they are, and their parameters
// the same tensors, with this process's elements.
//
// There is no DTensor here: what goes in and out of a layer is this process's tensor, as with
// Python's use_local_output=True.
//
// https://docs.pytorch.org/docs/stable/distributed.tensor.parallel.html
package parallel
