package fsdp

import (
	"slices"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/internal/processes"
	"github.com/wangkuiyi/gotorch/torch/internal/shards"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// parameter is one that is divided along its first dimension: each process has chunk rows,
// and the last ones fewer or none.
type parameter struct {
	shard  *torch.Tensor // the parameter itself, between uses
	places []place       // where it is in modules
	name   string        // within the unit's module, for errors
	shape  []int         // of the whole
	chunk  int           // rows of a process
	rows   int           // of this process
	within *shards.Shard // of what the whole is a part in turn, for tensor-parallel layers
	row    int           // elements of a row
	offset int           // of the chunk within the unit's message, in elements
}

// place is where a module has a parameter.
type place struct {
	module *nn.Module
	name   string
}

// fill puts x there.
func (p place) fill(x *torch.Tensor) { p.module.SwapTensor(p.name, x) }

// newParameter returns how a unit's parameter is divided.
func (u *Module) newParameter(name string, x *torch.Tensor) (*parameter, error) {
	within := shards.Of(x)
	switch {
	case x.IsMeta():
		return nil, torch.Errorf("", torch.NotImplementedError, "%s is on meta: make it on the CPU or a device, or use ToEmpty before", name)
	case x.Dim() == 0:
		return nil, torch.Errorf("", torch.ValueError,
			"fully_shard doesn't support scalar parameters. Change %s to a 1D tensor with numel equal to 1.", name)
	case within != nil && u.overlaps(within):
		return nil, torch.Errorf("", torch.ValueError, "%s is a part of a tensor already, which another of these processes has the rest of", name)
	}
	shape, n := x.Shape(), u.size()
	p := &parameter{shard: x, name: name, shape: shape, chunk: (shape[0] + n - 1) / n, row: 1, within: within}
	for _, size := range shape[1:] {
		p.row *= size
	}
	p.rows = p.rowsOf(u.rank())
	return p, nil
}

// overlaps reports whether processes that have other parts of a tensor are the unit's, too.
func (u *Module) overlaps(s *shards.Shard) bool {
	if s.Within != nil {
		return true
	}
	group, ok := s.Group.(processes.Group)
	own := distributed.GetProcessGroupRanks(u.group)
	for _, rank := range distributed.GetProcessGroupRanks(group.ProcessGroup) {
		ok = ok && (rank == distributed.GetRank() || !slices.Contains(own, rank))
	}
	return !ok
}

// rowsOf returns how many rows a process has.
func (p *parameter) rowsOf(rank int) int { return min(max(p.shape[0]-rank*p.chunk, 0), p.chunk) }

// own returns the shape of a process's part.
func (p *parameter) own() []int { return append([]int{p.rows}, p.shape[1:]...) }

// divide leaves this process its part of the parameter, and of its gradient.
func (p *parameter) divide(u *Module) {
	rank := u.rank()
	begin := min(rank*p.chunk, p.shape[0])
	part := func(x *torch.Tensor) *torch.Tensor {
		own := x.Detach().Narrow(0, begin, p.rows)
		return torch.Empty(p.own(), torch.TensorOptions{DType: x.DType(), Device: u.home}).CopyInplace(own)
	}
	grad := p.shard.Grad()
	if grad != nil {
		grad = part(grad)
	}
	data := part(p.shard)
	p.shard.SetGrad(nil)
	p.shard.SetData(data)
	p.shard.SetGrad(grad)
	shards.Note(p.shard, &shards.Shard{Shape: p.shape, Offset: begin, Group: processes.Group{ProcessGroup: u.group}, Within: p.within})
}

// section is the rows of a parameter that lie in the messages of several processes alike:
// count processes have rows each.
type section struct{ first, count, rows int }

// sections returns those with all their rows, and the one with a rest.
func (p *parameter) sections() []section {
	if p.chunk == 0 {
		return nil
	}
	whole, rest := p.shape[0]/p.chunk, p.shape[0]%p.chunk
	list := []section{{0, whole, p.chunk}}
	if rest > 0 {
		list = append(list, section{whole, 1, rest})
	}
	return list
}

// views calls f with the rows of whole, a tensor of the parameter's shape, and where they are
// in message, which has a row for each process: both of the same shape.
func (p *parameter) views(whole, message *torch.Tensor, f func(whole, message *torch.Tensor)) {
	for _, s := range p.sections() {
		size := []int{s.count, s.rows * p.row}
		f(whole.Reshape(-1).Narrow(0, s.first*p.chunk*p.row, s.count*s.rows*p.row).View(size...),
			message.Narrow(0, s.first, s.count).Narrow(1, p.offset, s.rows*p.row))
	}
}

// version returns how often the elements were changed in place.
func version(x *torch.Tensor) int {
	var c torch.Call
	c.Tensor(x)
	r := c.Results(opVersion)
	return r.Int()
}

var opVersion = torch.NewOperator("aten::_version(Tensor self) -> int")

// versions returns those of parameters.
func versions(list []*parameter) []int {
	all := make([]int, len(list))
	for i, p := range list {
		all[i] = version(p.shard)
	}
	return all
}

// changed returns the name of the first parameter that was changed since, or "".
func changed(list []*parameter, since []int) string {
	if i := slices.IndexFunc(list, func(p *parameter) bool { return version(p.shard) != since[slices.Index(list, p)] }); i >= 0 {
		return list[i].name
	}
	return ""
}
