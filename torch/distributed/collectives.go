package distributed

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

const (
	groupType = "__torch__.torch.classes.c10d.ProcessGroup process_group"
	opType    = "__torch__.torch.classes.c10d.ReduceOp reduce_op"
	workType  = "__torch__.torch.classes.c10d.Work"
	lastTypes = "bool async_op=True, int timeout=-1)"
)

var (
	opBroadcast         = torch.NewOperator("c10d::broadcast_(Tensor[] tensors, " + groupType + ", int root_rank, int root_tensor, " + lastTypes + " -> (Tensor[], " + workType + ")")
	opAllReduce         = torch.NewOperator("c10d::allreduce_(Tensor[] tensors, " + groupType + ", " + opType + ", Tensor? sparse_indices, " + lastTypes + " -> (Tensor[], " + workType + ")")
	opAllReduceTogether = torch.NewOperator("c10d::allreduce_coalesced_(Tensor[] tensors, " + groupType + ", " + opType + ", " + lastTypes + " -> " + workType)
	opReduce            = torch.NewOperator("c10d::reduce_(Tensor[] tensors, " + groupType + ", " + opType + ", int root_rank, int root_tensor, " + lastTypes + " -> " + workType)
	opReduceScatter     = torch.NewOperator("c10d::reduce_scatter_(Tensor[] output_tensors, Tensor[][] input_tensors, " + groupType + ", " + opType + ", " + lastTypes + " -> (Tensor[], " + workType + ")")
	opReduceScatterBase = torch.NewOperator("c10d::_reduce_scatter_base_(Tensor output_tensor, Tensor input_tensor, " + groupType + ", " + opType + ", " + lastTypes + " -> (Tensor, " + workType + ")")
	opBarrier           = torch.NewOperator("c10d::barrier(Tensor tensor, " + groupType + ", int[] device_ids, " + lastTypes + " -> " + workType)
	opMonitoredBarrier  = torch.NewOperator("c10d::monitored_barrier_(Tensor tensor, " + groupType + ", int[] device_ids, int timeout, bool wait_all_ranks) -> ()")
)

// Broadcast copies the tensor of the process src, by its rank in the default group, into
// that of all others. All have the same number of elements and the same dtype.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.broadcast
func Broadcast(x *torch.Tensor, src int, options ...Options) (*Work, error) {
	return collective("Broadcast", option.First(options), opBroadcast, func(c *torch.Call, g *ProcessGroup) error {
		root, err := GetGroupRank(g, src)
		c.Tensors([]*torch.Tensor{realView(x)})
		c.Object(g.object)
		c.Int(root)
		c.Int(0)
		return err
	})
}

// AllReduce puts the sum of the tensors of all processes into each of them, or what the
// option Op says. All have the same shape and dtype.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.all_reduce
func AllReduce(x *torch.Tensor, options ...ReduceOptions) (*Work, error) {
	o := option.First(options)
	return collective("AllReduce", o.plain(), opAllReduce, func(c *torch.Call, g *ProcessGroup) error {
		if err := o.Op.checkComplex(x); err != nil {
			return err
		}
		c.Tensors([]*torch.Tensor{realView(x)})
		c.Object(g.object)
		err := o.Op.pass(c)
		c.None()
		return err
	})
}

// AllReduceCoalesced is [AllReduce] of several tensors of one dtype at once.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.all_reduce
func AllReduceCoalesced(list []*torch.Tensor, options ...ReduceOptions) (*Work, error) {
	o := option.First(options)
	return collective("AllReduceCoalesced", o.plain(), opAllReduceTogether, func(c *torch.Call, g *ProcessGroup) error {
		if err := o.Op.checkComplex(list...); err != nil {
			return err
		}
		c.Tensors(realViews(list))
		c.Object(g.object)
		return o.Op.pass(c)
	})
}

// Reduce is [AllReduce] whose result is in the tensor of the process dst alone, by its rank
// in the default group. Those of the others hold something in between.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.reduce
func Reduce(x *torch.Tensor, dst int, options ...ReduceOptions) (*Work, error) {
	o := option.First(options)
	return collective("Reduce", o.plain(), opReduce, func(c *torch.Call, g *ProcessGroup) error {
		root, err := GetGroupRank(g, dst)
		if err == nil {
			err = o.Op.checkComplex(x)
		}
		if err != nil {
			return err
		}
		c.Tensors([]*torch.Tensor{realView(x)})
		c.Object(g.object)
		err = o.Op.pass(c)
		c.Int(root)
		c.Int(0)
		return err
	})
}

// ReduceScatter adds up, over all processes, the tensors of each place in inputs, one for
// each rank, and puts into output the sum of the place of this process. All have the same
// shape and dtype.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.reduce_scatter
func ReduceScatter(output *torch.Tensor, inputs []*torch.Tensor, options ...ReduceOptions) (*Work, error) {
	o := option.First(options)
	return collective("ReduceScatter", o.plain(), opReduceScatter, func(c *torch.Call, g *ProcessGroup) error {
		if err := o.Op.checkComplex(inputs...); err != nil {
			return err
		}
		if err := oneEach("inputs", inputs, g); err != nil {
			return err
		}
		c.Tensors([]*torch.Tensor{realView(output)})
		passLists(c, inputs)
		c.Object(g.object)
		return o.Op.pass(c)
	})
}

// ReduceScatterSingle is [ReduceScatter] of the parts of one tensor: the input's first
// dimension is the output's times the number of processes, or the input has one dimension
// more, of that size.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.reduce_scatter_tensor
func ReduceScatterSingle(output, input *torch.Tensor, options ...ReduceOptions) (*Work, error) {
	o := option.First(options)
	return collective("ReduceScatterSingle", o.plain(), opReduceScatterBase, func(c *torch.Call, g *ProcessGroup) error {
		if err := o.Op.checkComplex(input); err != nil {
			return err
		}
		c.Tensor(realView(output))
		c.Tensor(realView(input))
		c.Object(g.object)
		return o.Op.pass(c)
	})
}

// ReduceScatterTensor is [ReduceScatterSingle] under its older name.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.reduce_scatter_tensor
func ReduceScatterTensor(output, input *torch.Tensor, options ...ReduceOptions) (*Work, error) {
	return ReduceScatterSingle(output, input, options...)
}

// Barrier waits until all processes have called it.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.barrier
func Barrier(options ...Options) (*Work, error) {
	return collective("Barrier", option.First(options), opBarrier, func(c *torch.Call, g *ProcessGroup) error {
		c.Tensor(torch.Empty([]int{1}))
		c.Object(g.object)
		c.Ints(nil)
		return nil
	})
}

// MonitoredBarrierOptions are the options of [MonitoredBarrier].
type MonitoredBarrierOptions struct {
	Options
	// WaitAllRanks names all processes that do not come, rather than the first one.
	WaitAllRanks bool
}

// MonitoredBarrier waits until all processes have called it. Where some do not come within
// the timeout, the error of rank 0 names them. It is slower than [Barrier], and cannot be
// Async.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.monitored_barrier
func MonitoredBarrier(options ...MonitoredBarrierOptions) error {
	const op = "MonitoredBarrier"
	o := option.First(options)
	g, err := member(op, o.Group)
	if err != nil {
		return err
	}
	if o.Async {
		return g.fail(op, refusal(torch.ValueError, "it cannot be async"))
	}
	if o.Timeout <= 0 {
		o.Timeout = g.timeout
	}
	return g.fail(op, torch.Try(func() {
		var c torch.Call
		c.Tensor(torch.Empty([]int{1}))
		c.Object(g.object)
		c.Ints(nil)
		c.Int(milliseconds(o.Timeout))
		c.Bool(o.WaitAllRanks)
		c.Do(opMonitoredBarrier)
	}))
}

// passLists passes a list of one list.
func passLists(c *torch.Call, list []*torch.Tensor) {
	c.List(1)
	c.Tensors(realViews(list))
}

// oneEach says where a list has not one tensor for each process.
func oneEach(name string, list []*torch.Tensor, g *ProcessGroup) error {
	if len(list) != len(g.ranks) {
		return refusal(torch.ValueError, "%s has %d tensors, but the group has %d processes", name, len(list), len(g.ranks))
	}
	return nil
}
