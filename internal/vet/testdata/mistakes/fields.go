package mistakes

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

type unexported struct {
	nn.Module
	fc      *nn.Linear            // want "field fc holds modules, which nn.Init does not find in an unexported field: export it"
	layer   nn.Layer              // want "field layer holds modules"
	Blocks  []*nn.Linear          // want "field Blocks holds modules.*nn.ModuleList"
	Heads   map[string]*nn.Linear // want "field Heads holds modules.*nn.ModuleDict"
	ByValue nn.Linear             // want `field ByValue holds a module by value.*\*nn.Linear`
	hidden  *torch.Tensor         `nn:",buffer"` // want "field hidden has a tag"
	Mean    *torch.Tensor         `nn:",bufer"`  // want "field Mean has an unknown tag"
	Norm    *nn.LayerNorm         `nn:",buffer"` // want "only a .*torch.Tensor is a buffer"
	First   *nn.Linear            `nn:"fc1"`
	FC1     *nn.Linear            // want `fields First and FC1 are both named "fc1"`
	Dotted  *nn.Linear            `nn:"a.b"` // want "may not have a dot"
	Spare   *nn.Linear            `nn:"-"`
}

type embedding struct {
	*nn.Linear // want "embeds a .*nn.Linear, and nn.Init wants nn.Module itself"
	Scale      *torch.Tensor
}

type weighted struct {
	nn.Module
	Weight *torch.Tensor
	Mean   *torch.Tensor `nn:",buffer"`
	cache  *torch.Tensor
	Lists  []*torch.Tensor
}

func initial() {
	nn.Init(&weighted{
		Weight: torch.Zeros([]int{2}), // want "field Weight gets a tensor that is no parameter"
		Mean:   torch.Zeros([]int{2}),
		cache:  torch.Zeros([]int{2}),                  // want "field cache holds tensors that nn.Init does not find"
		Lists:  []*torch.Tensor{torch.Zeros([]int{2})}, // want "field Lists holds tensors"
	})
}
