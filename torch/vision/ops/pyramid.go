package ops

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/nn/nninit"
	"github.com/wangkuiyi/gotorch/torch/vision/internal/states"
)

// FeatureMaps are maps of features by name, in order: what Python has an OrderedDict
// for.
type FeatureMaps []nn.NamedTensor

// Get returns the map of a name, or nil.
func (f FeatureMaps) Get(name string) *torch.Tensor { return nn.StateDict(f).Get(name) }

// Names returns the names in order.
func (f FeatureMaps) Names() []string { return nn.StateDict(f).Names() }

// Tensors returns the maps in order.
func (f FeatureMaps) Tensors() []*torch.Tensor {
	list := make([]*torch.Tensor, len(f))
	for i, m := range f {
		list[i] = m.Tensor
	}
	return list
}

// NameMaps returns maps with their names. It panics if there are not as many.
func NameMaps(names []string, maps []*torch.Tensor) FeatureMaps {
	if len(names) != len(maps) {
		panic(torch.Errorf("ops.NameMaps", torch.ValueError, "there are %d names for %d maps", len(names), len(maps)))
	}
	list := make(FeatureMaps, len(maps))
	for i, m := range maps {
		list[i] = nn.NamedTensor{Name: names[i], Tensor: m}
	}
	return list
}

// ExtraFPNBlock adds maps to those of a [FeaturePyramidNetwork]: [LastLevelMaxPool] and
// [LastLevelP6P7] are such.
type ExtraFPNBlock interface {
	nn.AnyModule
	// Forward returns results, the pyramid's maps, and their names with others after
	// them. x is what the pyramid was made of.
	Forward(results, x []*torch.Tensor, names []string) ([]*torch.Tensor, []string)
}

// FeaturePyramidNetworkOptions are the options of [NewFeaturePyramidNetwork].
type FeaturePyramidNetworkOptions struct {
	ExtraBlocks ExtraFPNBlock // adds maps; default: none
	NormLayer   NormLayer     // after each convolution; default: none
}

// FeaturePyramidNetwork makes maps of as many channels each of the maps of a network,
// from fine to coarse, and adds to each what the coarser ones show.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.FeaturePyramidNetwork.html
type FeaturePyramidNetwork struct {
	nn.Module
	InnerBlocks *nn.ModuleList[*Conv2dNormActivation]
	LayerBlocks *nn.ModuleList[*Conv2dNormActivation]
	ExtraBlocks ExtraFPNBlock
}

// NewFeaturePyramidNetwork returns a network for maps of so many channels, from fine to
// coarse. It loads states of torchvision's first version, too. It panics on 0 channels.
func NewFeaturePyramidNetwork(inChannelsList []int, outChannels int, options ...FeaturePyramidNetworkOptions) *FeaturePyramidNetwork {
	o := option.First(options)
	f := &FeaturePyramidNetwork{InnerBlocks: nn.NewModuleList[*Conv2dNormActivation](), LayerBlocks: nn.NewModuleList[*Conv2dNormActivation]()}
	for _, in := range inChannelsList {
		if in == 0 {
			panic(torch.Errorf("ops.NewFeaturePyramidNetwork", torch.ValueError, "in_channels=0 is currently not supported"))
		}
		block := Conv2dNormActivationOptions{NormLayer: o.NormLayer, NoNorm: o.NormLayer == nil, NoActivation: true}
		layer := block
		block.KernelSize = 1
		f.InnerBlocks.Append(NewConv2dNormActivation(in, outChannels, block))
		f.LayerBlocks.Append(NewConv2dNormActivation(outChannels, outChannels, layer))
	}
	nn.Init(f)
	for _, m := range f.Modules() {
		if c, ok := m.(*nn.Conv2d); ok {
			resetFPN(c)
		}
	}
	if !argument.IsNil(o.ExtraBlocks) {
		f.ExtraBlocks = o.ExtraBlocks
	}
	f.RegisterLoadStateDictPreHook(func(_ nn.AnyModule, dict *nn.StateDict, prefix string) {
		for _, list := range []string{"inner_blocks", "layer_blocks"} {
			for i := range f.InnerBlocks.Len() {
				states.Rename(dict, fmt.Sprintf("%s%s.%d.", prefix, list, i), "0.")
			}
		}
	})
	return f
}

// resetFPN draws a convolution's parameters as pyramids have them.
func resetFPN(c *nn.Conv2d) {
	nninit.KaimingUniform(c.Weight, nninit.KaimingOptions{A: 1})
	if c.Bias != nil {
		nninit.Constant(c.Bias, 0)
	}
}

// Forward returns a map for each of maps, of the same height and width under the same
// name, and those that ExtraBlocks adds. It panics if there are not as many maps as the
// network is for.
func (f *FeaturePyramidNetwork) Forward(maps FeatureMaps) FeatureMaps {
	names := maps.Names()
	if n := f.InnerBlocks.Len(); len(maps) != n || n == 0 {
		panic(torch.Errorf("ops.FeaturePyramidNetwork", torch.ValueError, "the network is for %d maps, not for %d", n, len(maps)))
	}
	results := f.RunAll(func(x []*torch.Tensor) []*torch.Tensor {
		results := f.pyramid(x)
		if f.ExtraBlocks != nil {
			results, names = f.ExtraBlocks.Forward(results, x, names)
		}
		return results
	}, maps.Tensors()...)
	return NameMaps(names, results)
}

func (f *FeaturePyramidNetwork) pyramid(x []*torch.Tensor) []*torch.Tensor {
	results := make([]*torch.Tensor, len(x))
	var coarser *torch.Tensor
	for i := len(x) - 1; i >= 0; i-- {
		inner := f.InnerBlocks.At(i).Forward(x[i])
		if coarser != nil {
			inner = inner.Add(functional.Interpolate(coarser, functional.InterpolateOptions{Size: []int{inner.Size(-2), inner.Size(-1)}}))
		}
		results[i] = f.LayerBlocks.At(i).Forward(inner)
		coarser = inner
	}
	return results
}

// LastLevelMaxPool adds every second pixel of the coarsest map, as "pool".
type LastLevelMaxPool struct{ nn.Module }

// NewLastLevelMaxPool returns the block.
func NewLastLevelMaxPool() *LastLevelMaxPool { return nn.Init(&LastLevelMaxPool{}) }

// Forward returns results and names with one more. It panics without results.
func (*LastLevelMaxPool) Forward(results, _ []*torch.Tensor, names []string) ([]*torch.Tensor, []string) {
	mustHaveMaps("ops.LastLevelMaxPool", results)
	pooled := functional.MaxPool2d(results[len(results)-1], 1, functional.MaxPool2dOptions{Stride: 2})
	return append(results, pooled), append(names, "pool")
}

// LastLevelP6P7 adds two coarser maps, as "p6" and "p7".
type LastLevelP6P7 struct {
	nn.Module
	P6, P7 *nn.Conv2d
	UseP5  bool // made of the pyramid's last map, not of the network's
}

// NewLastLevelP6P7 returns the block, for a network's last map of so many channels.
func NewLastLevelP6P7(inChannels, outChannels int) *LastLevelP6P7 {
	o := nn.Conv2dOptions{Stride: 2, Padding: 1}
	l := &LastLevelP6P7{P6: nn.NewConv2d(inChannels, outChannels, 3, o), P7: nn.NewConv2d(outChannels, outChannels, 3, o), UseP5: inChannels == outChannels}
	resetFPN(l.P6)
	resetFPN(l.P7)
	return nn.Init(l)
}

// mustHaveMaps panics where there is none.
func mustHaveMaps(op string, lists ...[]*torch.Tensor) {
	for _, maps := range lists {
		if len(maps) == 0 {
			panic(torch.Errorf(op, torch.ValueError, "want one map or more"))
		}
	}
}

// Forward returns results and names with two more. It panics without results, or maps x of
// the network.
func (l *LastLevelP6P7) Forward(results, x []*torch.Tensor, names []string) ([]*torch.Tensor, []string) {
	mustHaveMaps("ops.LastLevelP6P7", results, x)
	from := x[len(x)-1]
	if l.UseP5 {
		from = results[len(results)-1]
	}
	p6 := l.P6.Forward(from)
	return append(results, p6, l.P7.Forward(functional.ReLU(p6))), append(names, "p6", "p7")
}
