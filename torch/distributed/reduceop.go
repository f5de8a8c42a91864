package distributed

import (
	"cmp"
	"slices"
	"sync"

	"github.com/wangkuiyi/gotorch/torch"
)

// ReduceOp is what a collective does with the elements of all ranks.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.ReduceOp
type ReduceOp string

// The operations. BAnd, BOr and BXor are for integers, and only Sum and Avg are for complex
// numbers.
const (
	Sum     ReduceOp = "sum"
	Avg     ReduceOp = "avg"
	Product ReduceOp = "product"
	Min     ReduceOp = "min"
	Max     ReduceOp = "max"
	BAnd    ReduceOp = "band"
	BOr     ReduceOp = "bor"
	BXor    ReduceOp = "bxor"
)

// reduceOps are the operations by libtorch's numbers.
var reduceOps = []ReduceOp{Sum, Avg, Product, Min, Max, BAnd, BOr, BXor}

// reduceObjects has libtorch's objects for them.
var reduceObjects struct {
	sync.Mutex
	objects [8]*torch.Object
}

// pass passes the operation as an argument.
func (o ReduceOp) pass(c *torch.Call) error {
	o = cmp.Or(o, Sum)
	number := slices.Index(reduceOps, o)
	if number < 0 {
		return refusal(torch.ValueError, "there is no reduction %q; there are %q", string(o), reduceOps)
	}
	reduceObjects.Lock()
	defer reduceObjects.Unlock()
	if reduceObjects.objects[number] == nil {
		err := method("reduce_op.new", func(c *torch.Call) { c.Int(number) },
			func(r *torch.Results) { reduceObjects.objects[number] = r.Object() })
		if err != nil {
			return err
		}
	}
	c.Object(reduceObjects.objects[number])
	return nil
}

// checkComplex says where the operation is not for complex numbers.
func (o ReduceOp) checkComplex(list ...*torch.Tensor) error {
	if o == "" || o == Sum || o == Avg {
		return nil
	}
	for _, x := range list {
		if x != nil && x.DType().IsComplex() {
			return refusal(torch.ValueError, "%s is not for complex tensors", string(o))
		}
	}
	return nil
}
