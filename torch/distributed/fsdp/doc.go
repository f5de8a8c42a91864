// Package fsdp trains modules whose parameters, gradients and optimizer's state are divided
// among processes: PyTorch's fully_shard, also called FSDP2.
//
//	for _, block := range net.Blocks {
//		if _, err := fsdp.FullyShard(block); err != nil { // bottom up
//			log.Fatal(err)
//		}
//	}
//	root, err := fsdp.FullyShard(net)
//	...
//	optimizer := optim.NewAdamW(net.Parameters()) // each process steps its own parts
//	for batch := range batches {
//		optimizer.ZeroGrad()
//		criterion.Forward(root.Forward(batch.X), batch.Y).Backward()
//		utils.ClipGradNorm(net.Parameters(), 1) // the norm is that of the whole gradients
//		optimizer.Step()
//	}
//
// Each call makes a unit: the parameters of a module that are not in a unit within it. Before
// the unit's Forward one message gathers them, and afterwards they are dropped again. The
// backward pass gathers them once more, those of the next unit while it computes, and one
// message adds up the gradients and gives each process its part.
//
// # How modules are called
//
// Hooks do this, so a unit's Forward must call its module's hooks: those of package nn do,
// and so do those that go through nn.Module.Run. Others are called by nn.Call, by
// [Module.Forward] or [Module.Call]. A layer of package nn that is called while its
// parameters are divided panics and names the unit.
//
// # Differences from Python
//
// A parameter stays the tensor that it is, with its part of the elements, so an optimizer
// may be made before or after. There is no DTensor: the part is an ordinary tensor, and
// those functions that must know, such as utils.ClipGradNorm and package
// distributed/checkpoint, do.
//
// A parameter that no process used gets no gradient, and one that some used gets the sum;
// Python wants all processes to use the same ones. A failed pass leaves nothing behind that
// would have to be reset.
//
// https://docs.pytorch.org/docs/stable/distributed.fsdp.fully_shard.html
package fsdp
