package parallel

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/processes"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

const (
	megabyte       = 1 << 20
	broadcastBytes = 250 * megabyte
	firstBytes     = megabyte
	bucketMB       = 25
)

// newReducer makes the reducer.
func (d *DistributedDataParallel[M]) newReducer() error {
	bytes, first := bucketMB*megabyte, firstBytes
	if d.options.BucketCapMB != nil {
		bytes = *d.options.BucketCapMB * megabyte
		first = bytes
	}
	limits := []int{math.MaxInt64}
	if d.options.FindUnusedParameters && !d.options.StaticGraph {
		limits = []int{first, bytes}
	}
	buckets, err := d.assign(limits)
	if err != nil {
		return err
	}
	err = internals.C10D("reducer.new", func(c *torch.Call) {
		c.Tensors(d.parameters)
		c.List(len(buckets))
		for i := range buckets { // the last gradients come first
			c.Ints(buckets[len(buckets)-1-i])
		}
		c.Object(d.group.Object())
		d.passSparse(c)
		c.Int(bytes)
		c.Int(first)
		c.Bool(d.options.FindUnusedParameters)
		c.Bool(d.options.GradientAsBucketView)
		c.Strings(d.names)
	}, func(r *torch.Results) { d.reducer = r.Object() })
	if err != nil || !d.options.StaticGraph {
		return err
	}
	return d.try("reducer.static", nil)
}

// passSparse passes for each parameter whether its gradient is sparse.
func (d *DistributedDataParallel[M]) passSparse(c *torch.Call) {
	sparse := map[*torch.Tensor]bool{}
	for _, module := range d.Modules() {
		switch module := module.(type) {
		case *nn.Embedding:
			sparse[module.Weight] = module.Sparse
		case *nn.EmbeddingBag:
			sparse[module.Weight] = module.Sparse
		}
	}
	c.List(len(d.parameters))
	for _, p := range d.parameters {
		c.Bool(sparse[p])
	}
}

// synchronize checks that the modules are alike and gives all the values of rank 0.
func (d *DistributedDataParallel[M]) synchronize() error {
	err := internals.C10D("ddp.verify", func(c *torch.Call) {
		c.Object(d.group.Object())
		c.Tensors(d.parameters)
	}, nil)
	if err != nil {
		return err
	}
	return d.broadcast(append(d.Parameters(), d.Buffers()...), 0)
}

// broadcast gives all processes the values of one, by its rank in the group.
func (d *DistributedDataParallel[M]) broadcast(list []*torch.Tensor, src int) error {
	return internals.C10D("ddp.broadcast", func(c *torch.Call) {
		c.Object(d.group.Object())
		c.Tensors(list)
		c.Int(broadcastBytes)
		c.Int(src)
	}, nil)
}

// assign puts the parameters into buckets of so many bytes.
func (d *DistributedDataParallel[M]) assign(limits []int) (buckets [][]int, err error) {
	err = internals.C10D("ddp.buckets", func(c *torch.Call) {
		c.Tensors(d.parameters)
		c.Ints(limits)
		d.passSparse(c)
	}, func(r *torch.Results) {
		buckets = make([][]int, r.List())
		for i := range buckets {
			buckets[i] = make([]int, r.List())
			for k := range buckets[i] {
				buckets[i][k] = r.Int()
			}
		}
		for range r.List() { // their sizes
			r.Int()
		}
	})
	return buckets, err
}

// do calls a method of the reducer, with tensors where they are not nil, and panics where it
// fails.
func (d *DistributedDataParallel[M]) do(method string, list []*torch.Tensor) {
	d.check(d.try(method, list))
}

// try is do that returns an error.
func (d *DistributedDataParallel[M]) try(method string, list []*torch.Tensor) error {
	return internals.C10D(method, func(c *torch.Call) {
		c.Object(d.reducer)
		if list != nil {
			c.Tensors(list)
		}
	}, func(r *torch.Results) {
		if method == "reducer.rebuild" {
			r.Bool()
		}
	})
}

// check panics with an error of the group.
func (d *DistributedDataParallel[M]) check(err error) {
	if err == nil {
		return
	}
	wrapped := d.group.WrapError("DistributedDataParallel", err)
	if found := unreduced.FindStringSubmatch(wrapped.Error()); found != nil {
		wrapped = fmt.Errorf("%w\n  these are: %s", wrapped, d.named(found[1]))
	}
	processes.Check("", wrapped)
}

// unreduced finds the numbers of the parameters in the reducer's error of a pass that did not
// use all.
var unreduced = regexp.MustCompile(`did not receive grad for rank \d+: ([\d ]+)`)

// named returns the names of parameters, of whose numbers it gets a list.
func (d *DistributedDataParallel[M]) named(numbers string) string {
	var names []string
	for text := range strings.FieldsSeq(numbers) {
		if i, err := strconv.Atoi(text); err == nil && i < len(d.names) {
			names = append(names, d.names[i])
		}
	}
	return strings.Join(names, ", ")
}
