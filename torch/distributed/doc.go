// Package distributed lets processes compute together, on one machine or on many, as
// torch.distributed does in Python. The messages are those of libtorch's c10d, so ranks
// written in Go and in Python make one group:
//
//	if err := distributed.InitProcessGroup(); err != nil { // RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT say where
//		log.Fatal(err)
//	}
//	defer distributed.DestroyProcessGroup()
//	x := torch.Full([]int{2}, float64(distributed.GetRank()))
//	_, err := distributed.AllReduce(x) // x is the sum over all ranks now
//
// Every rank calls the same collectives in the same order. A collective waits until it
// is done, unless its options say Async: then it returns a [Work] to wait for. Tensors
// that it was given must not be used until then.
//
// Functions return an [*Error], which names the collective, the rank and, where it can be
// told, the ranks that failed or did not take part. Within it is the *torch.Error. The panic of
// a backward pass in which gradients move between processes says the same.
//
// # Differences from Python
//
// Tensors must be contiguous; Python's gloo moves other elements than those of a tensor that
// is not, without a word. A tensor of another size than that of the other ranks is an error,
// where it ends a process of Python.
//
// A call is not recorded for autograd; package torch/distributed/nn/functional has
// collectives that are. A call on a group that this process is not a member of is an
// error, where Python prints a warning. Only the backend gloo is there, which is for
// tensors on the CPU. It needs libtorch 2.15 or newer; with an older one all functions
// return an error of kind UnsupportedError.
//
// Libtorch logs what it throws, with stacks, to standard error. Here that is kept back,
// unless the environment variable TORCH_CPP_LOG_LEVEL is set.
//
// https://docs.pytorch.org/docs/stable/distributed.html
package distributed
