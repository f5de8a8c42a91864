package torch

import (
	"runtime"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// Node is a node of a graph: the derivative of an operation. It keeps the part of
// the graph alive that it leads to.
//
// https://docs.pytorch.org/docs/stable/autograd.html#autograd-graph
type Node struct {
	own *ownedNode // nil in a zero Node only
}

// ownedNode is a reference to a node, which copies of a Node share.
type ownedNode struct {
	handle cgotorch.Node
	// With a pointer the runtime does not put several into one block of memory, which
	// would keep all of them, and their graphs, as long as one of them.
	_ *byte
}

// use returns the handle, or panics with an error of op for nil and a zero Node.
func (n *Node) use(op string) cgotorch.Node {
	if n == nil || n.own == nil {
		panic(Errorf(op, TypeError, "the node is nil, or a Node that no tensor's GradFn gave"))
	}
	return n.own.handle
}

// Edge is one input of a node: the node that the gradient goes to, and which of
// the outputs of the operation it is the gradient of.
type Edge struct {
	Node  *Node // nil where no gradient is computed
	Index int
}

// GradFn returns the node of the operation that made the tensor, or nil for a
// leaf.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Tensor.grad_fn.html
func (x *Tensor) GradFn() *Node {
	const op = "torch.Tensor.GradFn"
	handle, err := cgotorch.NodeOf(x.use(op))
	x.release()
	check(op, err)
	return newNode(handle)
}

func newNode(handle cgotorch.Node) *Node {
	if handle == 0 {
		return nil
	}
	own := &ownedNode{handle: handle}
	runtime.AddCleanup(own, cgotorch.Node.Free, handle)
	return &Node{own}
}

// Name returns the node's name, such as "AddBackward0".
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.graph.Node.name.html
func (n *Node) Name() string {
	const op = "torch.Node.Name"
	name, err := n.use(op).Name()
	runtime.KeepAlive(n.own)
	check(op, err)
	return name
}

// Key returns a number that no other node has as long as this one is there.
// A Node is made anew each time that one is asked for, so pointers do not tell
// whether two are the same.
func (n *Node) Key() uint64 {
	return n.info().key
}

// SequenceNr returns how many nodes the thread had made before this one, or a
// large number for the nodes of leaves. Backward runs later nodes first.
func (n *Node) SequenceNr() uint64 {
	return n.info().sequence
}

// NextFunctions returns an edge for each input of the operation.
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.graph.Node.next_functions.html
func (n *Node) NextFunctions() []Edge { return n.info().edges }

// OutputShapes returns the shape of each output of the operation, which is that of
// its gradient; it is empty for a tensor without dimensions, for a nested one and
// for an output without a gradient, and with libtorch 1.13.1, which does not say it.
func (n *Node) OutputShapes() [][]int { return n.info().shapes }

// nodeInfo is what a node says of itself.
type nodeInfo struct {
	key, sequence uint64
	shapes        [][]int
	edges         []Edge
}

func (n *Node) info() (info nodeInfo) {
	const op = "torch.Node"
	r, err := n.use(op).Info()
	runtime.KeepAlive(n.own)
	check(op, err)
	info.key, info.sequence = uint64(r.TakeInt()), uint64(r.TakeInt())
	info.shapes = make([][]int, r.TakeInt())
	for i := range info.shapes {
		info.shapes[i] = make([]int, r.TakeList())
		for j := range info.shapes[i] {
			info.shapes[i][j] = int(r.TakeInt())
		}
	}
	for !r.Done() {
		next := newNode(cgotorch.Node(r.TakeInt()))
		info.edges = append(info.edges, Edge{next, int(r.TakeInt())})
	}
	return info
}

// RegisterPrehook makes f be called before the node runs, with the gradients of
// the operation's outputs, nil ones for those that are not there. If f returns
// tensors, they take the gradients' places: as many, of the same shapes, dtypes and
// devices, or Backward panics. What [Tensor.RegisterHook] says of f holds here too.
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.graph.Node.register_prehook.html
func (n *Node) RegisterPrehook(f func(gradOutputs []*Tensor) []*Tensor) *Hook {
	return n.hook("torch.Node.RegisterPrehook", false, func(in []*Tensor, _ int) []*Tensor { return f(in) })
}

// RegisterHook makes f be called after the node ran, with the gradients of the
// operation's inputs and of its outputs. If f returns tensors, they take the places
// of the former: as many, of the same shapes, dtypes and devices, or Backward panics.
// What [Tensor.RegisterHook] says of f holds here too.
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.graph.Node.register_hook.html
func (n *Node) RegisterHook(f func(gradInputs, gradOutputs []*Tensor) []*Tensor) *Hook {
	return n.hook("torch.Node.RegisterHook", true, func(in []*Tensor, inputs int) []*Tensor {
		return f(in[:inputs:inputs], in[inputs:])
	})
}

// hook registers f; libtorch keeps it as long as the node, so a removed one does
// nothing.
func (n *Node) hook(op string, after bool, f func(in []*Tensor, inputs int) []*Tensor) *Hook {
	h := new(Hook)
	err := n.use(op).Hook(callback(func(in []*Tensor, inputs int) (reply callbackReply) {
		if h.removed.Load() {
			return reply
		}
		if reply.Tensors = f(in, inputs); reply.Tensors != nil {
			reply.Number = 1 // there are some
		}
		return reply
	}), after)
	runtime.KeepAlive(n.own)
	check(op, err)
	return h
}
