// Package nn is PyTorch's torch.nn: modules, which hold parameters and compute
// with them. [Module] says how to write one.
//
// Types of one kind share an exported base, as in PyTorch, whose fields and methods
// they have: [ConvNd], [BatchNorm], [RNNBase], [DropoutNd] and others. Each has a
// Forward of its own.
//
// Hooks on calls, such as [Module.RegisterForwardHook], are called once a call: by the
// Forward of the modules of this package, by every Forward that goes through
// [Module.Run], and by [Call] and [CallAll] for all others. Containers, [Summary] and
// whatever else calls modules that it does not know use Call. Hooks on state dicts are
// called by [Module.StateDict] and [Module.LoadStateDict].
//
// [LoadInto] fills a module with the weights of a file, whatever wrote it, one tensor at a
// time.
package nn
