package distributed

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

var (
	opAllGather         = torch.NewOperator("c10d::allgather_(Tensor[][] output_tensors, Tensor[] input_tensors, " + groupType + ", " + lastTypes + " -> (Tensor[][], " + workType + ")")
	opAllGatherBase     = torch.NewOperator("c10d::_allgather_base_(Tensor output_tensor, Tensor input_tensor, " + groupType + ", " + lastTypes + " -> (Tensor, " + workType + ")")
	opAllGatherTogether = torch.NewOperator("c10d::allgather_coalesced_(Tensor[][] output_lists, Tensor[] input_list, " + groupType + ", bool async_op=True) -> " + workType)
	opGather            = torch.NewOperator("c10d::gather_(Tensor[][] output_tensors, Tensor[] input_tensors, " + groupType + ", int root_rank, " + lastTypes + " -> " + workType)
	opScatter           = torch.NewOperator("c10d::scatter_(Tensor[] output_tensors, Tensor[][] input_tensors, " + groupType + ", int root_rank, " + lastTypes + " -> (Tensor[], " + workType + ")")
	opAllToAll          = torch.NewOperator("c10d::alltoall_(Tensor[] output_tensors, Tensor[] input_tensors, " + groupType + ", " + lastTypes + " -> (Tensor[], " + workType + ")")
	opAllToAllBase      = torch.NewOperator("c10d::alltoall_base_(Tensor output, Tensor input, " + groupType + ", int[] output_split_sizes, int[] input_split_sizes, " + lastTypes + " -> " + workType)
)

// AllGather puts the tensors of all processes into outputs, by rank. They may have
// different shapes, which outputs has, too.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.all_gather
func AllGather(outputs []*torch.Tensor, x *torch.Tensor, options ...Options) (*Work, error) {
	return collective("AllGather", option.First(options), opAllGather, func(c *torch.Call, g *ProcessGroup) error {
		passLists(c, outputs)
		c.Tensors([]*torch.Tensor{realView(x)})
		c.Object(g.object)
		return oneEach("outputs", outputs, g)
	})
}

// AllGatherSingle is [AllGather] into one tensor, whose first dimension is that of x times the
// number of processes.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.all_gather_into_tensor
func AllGatherSingle(output, x *torch.Tensor, options ...Options) (*Work, error) {
	return collective("AllGatherSingle", option.First(options), opAllGatherBase, func(c *torch.Call, g *ProcessGroup) error {
		c.Tensor(realView(output))
		c.Tensor(realView(x))
		c.Object(g.object)
		return nil
	})
}

// AllGatherIntoTensor is [AllGatherSingle] under its older name.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.all_gather_into_tensor
func AllGatherIntoTensor(output, x *torch.Tensor, options ...Options) (*Work, error) {
	return AllGatherSingle(output, x, options...)
}

// AllGatherCoalesced is [AllGather] of several tensors at once: outputs has a list of them
// for each rank. It takes no Timeout of its own.
func AllGatherCoalesced(outputs [][]*torch.Tensor, list []*torch.Tensor, options ...Options) (*Work, error) {
	const op = "AllGatherCoalesced"
	o := option.First(options)
	g, err := member(op, o.Group)
	if err != nil {
		return nil, err
	}
	if o.Timeout != 0 {
		return nil, g.fail(op, refusal(torch.ValueError, "it has no timeout of its own: it is the group's"))
	}
	w, err := g.start(op, opAllGatherTogether, func(c *torch.Call) error {
		c.List(len(outputs))
		for _, tensors := range outputs {
			c.Tensors(realViews(tensors))
		}
		c.Tensors(realViews(list))
		c.Object(g.object)
		c.Bool(o.Async)
		return nil
	})
	if err != nil || o.Async {
		return w, err
	}
	defer w.Close()
	return nil, w.Wait()
}

// Gather puts the tensors of all processes into outputs of the process dst, by rank. The
// others give nil for outputs. All have the same shape. dst is a rank in the default group.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.gather
func Gather(x *torch.Tensor, outputs []*torch.Tensor, dst int, options ...Options) (*Work, error) {
	return collective("Gather", option.First(options), opGather, func(c *torch.Call, g *ProcessGroup) error {
		root, err := GetGroupRank(g, dst)
		if err != nil {
			return err
		}
		if err := passRoot(c, "outputs", outputs, root, g); err != nil {
			return err
		}
		c.Tensors([]*torch.Tensor{realView(x)})
		c.Object(g.object)
		c.Int(root)
		return nil
	})
}

// Scatter puts the tensors of inputs of the process src into output of each process, by
// rank. The others give nil for inputs. All have the same shape. src is a rank in the
// default group.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.scatter
func Scatter(output *torch.Tensor, inputs []*torch.Tensor, src int, options ...Options) (*Work, error) {
	return collective("Scatter", option.First(options), opScatter, func(c *torch.Call, g *ProcessGroup) error {
		root, err := GetGroupRank(g, src)
		if err != nil {
			return err
		}
		c.Tensors([]*torch.Tensor{realView(output)})
		if err := passRoot(c, "inputs", inputs, root, g); err != nil {
			return err
		}
		c.Object(g.object)
		c.Int(root)
		return nil
	})
}

// passRoot passes what only the root has, a list of one tensor for each process.
func passRoot(c *torch.Call, name string, list []*torch.Tensor, root int, g *ProcessGroup) error {
	if root == g.rank {
		passLists(c, list)
		return oneEach(name, list, g)
	}
	c.List(0)
	if len(list) > 0 {
		return refusal(torch.ValueError, "%s must be nil here: it is for rank %d alone", name, root)
	}
	return nil
}

// AllToAll sends each tensor of inputs to the process of that rank and puts into outputs
// what the others sent to this one, by rank.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.all_to_all
func AllToAll(outputs, inputs []*torch.Tensor, options ...Options) (*Work, error) {
	return collective("AllToAll", option.First(options), opAllToAll, func(c *torch.Call, g *ProcessGroup) error {
		if err := oneEach("outputs", outputs, g); err != nil {
			return err
		}
		c.Tensors(realViews(outputs))
		c.Tensors(realViews(inputs))
		c.Object(g.object)
		return oneEach("inputs", inputs, g)
	})
}

// AllToAllSingleOptions are the options of [AllToAllSingle].
type AllToAllSingleOptions struct {
	// OutputSplitSizes and InputSplitSizes say how many rows of the tensors are of and for
	// each rank; nil is as many for each.
	OutputSplitSizes, InputSplitSizes []int
	Options
}

// AllToAllSingle is [AllToAll] of the parts of one tensor, along its first dimension.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.all_to_all_single
func AllToAllSingle(output, input *torch.Tensor, options ...AllToAllSingleOptions) (*Work, error) {
	o := option.First(options)
	return collective("AllToAllSingle", o.Options, opAllToAllBase, func(c *torch.Call, g *ProcessGroup) error {
		c.Tensor(realView(output))
		c.Tensor(realView(input))
		c.Object(g.object)
		c.Ints(o.OutputSplitSizes)
		c.Ints(o.InputSplitSizes)
		return nil
	})
}
