package models

import (
	"maps"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/vision/ops"
)

// IntermediateLayerGetter gives what layers of a network give: it has the network's
// children, which it calls one after the other as the network does, up to the last that
// is asked for.
type IntermediateLayerGetter struct {
	nn.ModuleDict[nn.Layer]
	ReturnLayers map[string]string // the names of children, and those of their results
}

// NewIntermediateLayerGetter returns the layers of model. It panics if model has no such
// children, or if those up to the last are no layers.
func NewIntermediateLayerGetter(model nn.AnyModule, returnLayers map[string]string) *IntermediateLayerGetter {
	const op = "models.NewIntermediateLayerGetter"
	g := nn.Init(&IntermediateLayerGetter{ReturnLayers: maps.Clone(returnLayers)})
	left := maps.Clone(returnLayers)
	for _, child := range nn.Base(model).NamedChildren() {
		if len(left) == 0 {
			break
		}
		layer, ok := child.Module.(nn.Layer)
		if !ok {
			panic(torch.Errorf(op, torch.TypeError, "%s is no layer, but a %T", child.Name, child.Module))
		}
		g.Set(child.Name, layer)
		delete(left, child.Name)
	}
	if len(left) > 0 {
		panic(torch.Errorf(op, torch.ValueError, "return_layers are not present in model: %s",
			strings.Join(slices.Sorted(maps.Keys(left)), ", ")))
	}
	return g
}

// Forward returns the results of the layers that are asked for, in the network's order.
func (g *IntermediateLayerGetter) Forward(x *torch.Tensor) ops.FeatureMaps {
	var names []string
	results := g.RunAll(func(inputs []*torch.Tensor) []*torch.Tensor {
		var results []*torch.Tensor
		x := inputs[0]
		for name, layer := range g.All() {
			x = nn.Call(layer, x)
			if result, ok := g.ReturnLayers[name]; ok {
				names, results = append(names, result), append(results, x)
			}
		}
		return results
	}, x)
	return ops.NameMaps(names, results)
}
