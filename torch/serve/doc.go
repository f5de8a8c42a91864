// Package serve answers requests with models: it gathers requests into batches, runs these,
// and speaks the Open Inference Protocol over HTTP, as KServe and Triton do.
//
//	server := serve.NewServer()
//	err := server.Watch("digits", "digits.pt2", serve.LoadProgram)
//	...
//	err = server.ListenAndServe(ctx, ":8080") // until ctx ends, and all that was taken is answered
//
// A [Server] has models by their names, each behind a [Batcher] of its own. A [Model] is a
// module, a captured graph, a program of torch.export, TorchScript or AOTInductor, or any function of tensors with a
// [Signature], which says what the requests' tensors must be. [Server.Watch] serves a file,
// and what takes its place later.
//
// The [Batcher] is of use by itself, for requests of any type.
//
// It has no counterpart in PyTorch, whose TorchServe is no longer maintained.
package serve
