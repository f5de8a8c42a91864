package nn_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

func upsample(o nn.UpsampleOptions) maker {
	return layer(func() *nn.Upsample { return nn.NewUpsample(o) })
}

// option is the maker of a layer of one int.
func option[L nn.Layer](make func(int) L, v int) maker {
	return layer(func() L { return make(v) })
}

func TestLayersOfShapesAreThoseOfPython(t *testing.T) {
	pair, pairs, triple := []int{2, 1}, []int{1, 0, 2, 1}, []int{1, 2, 0, 1, 1, 0}
	two := []int{2, 2}
	row, x := zeros(1, 1, 3), zeros(1, 2, 3, 3)
	resize := func(o nn.UpsampleOptions) func() { return func() { nn.NewUpsample(o).Forward(x) } }
	checkModulesAndErrors(t, "testdata/shapes.json.gz", map[string]maker{
		"ConstantPad1d":         layer(func() *nn.ConstantPad1d { return nn.NewConstantPad1d(2, 3.5) }),
		"ConstantPad2d":         layer(func() *nn.ConstantPad2d { return nn.NewConstantPad2d([]int{1, 0, 2, -1}, 1) }),
		"ConstantPad3d":         layer(func() *nn.ConstantPad3d { return nn.NewConstantPad3d(triple, -1e-5) }),
		"ZeroPad1d":             pool(nn.NewZeroPad1d, []int{1, 2}),
		"ZeroPad2d":             pool(nn.NewZeroPad2d, 1),
		"ZeroPad3d":             pool(nn.NewZeroPad3d, []int{1, 2, 0, 1, -1, 0}),
		"ReflectionPad1d":       pool(nn.NewReflectionPad1d, 2),
		"ReflectionPad1d pair":  pool(nn.NewReflectionPad1d, pair),
		"ReflectionPad2d":       pool(nn.NewReflectionPad2d, 1),
		"ReflectionPad2d pairs": pool(nn.NewReflectionPad2d, pairs),
		"ReflectionPad3d":       pool(nn.NewReflectionPad3d, 1),
		"ReflectionPad3d pairs": pool(nn.NewReflectionPad3d, triple),

		"ReplicationPad1d":       pool(nn.NewReplicationPad1d, 2),
		"ReplicationPad1d pair":  pool(nn.NewReplicationPad1d, pair),
		"ReplicationPad2d":       pool(nn.NewReplicationPad2d, 1),
		"ReplicationPad2d pairs": pool(nn.NewReplicationPad2d, pairs),
		"ReplicationPad3d":       pool(nn.NewReplicationPad3d, 1),
		"ReplicationPad3d pairs": pool(nn.NewReplicationPad3d, triple),
		"CircularPad1d":          pool(nn.NewCircularPad1d, 2),
		"CircularPad1d pair":     pool(nn.NewCircularPad1d, pair),
		"CircularPad2d":          pool(nn.NewCircularPad2d, 1),
		"CircularPad2d pairs":    pool(nn.NewCircularPad2d, pairs),
		"CircularPad3d":          pool(nn.NewCircularPad3d, 1),
		"CircularPad3d pairs":    pool(nn.NewCircularPad3d, triple),

		"Upsample":             upsample(nn.UpsampleOptions{ScaleFactor: 2}),
		"Upsample size":        upsample(nn.UpsampleOptions{Size: []int{3, 7}}),
		"Upsample size of all": upsample(nn.UpsampleOptions{Size: 5, Mode: "nearest-exact"}),
		"Upsample linear":      upsample(nn.UpsampleOptions{ScaleFactor: 1.7, Mode: "linear"}),
		"Upsample bilinear":    upsample(nn.UpsampleOptions{ScaleFactor: []float64{2, 0.5}, Mode: "bilinear", AlignCorners: new(true)}),
		"Upsample bicubic":     upsample(nn.UpsampleOptions{Size: []int{6, 5}, Mode: "bicubic", AlignCorners: new(false)}),
		"Upsample trilinear":   upsample(nn.UpsampleOptions{ScaleFactor: 1.5, Mode: "trilinear", RecomputeScaleFactor: true}),
		"Upsample area":        upsample(nn.UpsampleOptions{Size: two, Mode: "area"}),
		"UpsamplingNearest2d": layer(func() *nn.UpsamplingNearest2d {
			return nn.NewUpsamplingNearest2d(nn.UpsamplingOptions{ScaleFactor: 2})
		}),
		"UpsamplingNearest2d size": layer(func() *nn.UpsamplingNearest2d {
			return nn.NewUpsamplingNearest2d(nn.UpsamplingOptions{Size: 3})
		}),
		"UpsamplingBilinear2d": layer(func() *nn.UpsamplingBilinear2d {
			return nn.NewUpsamplingBilinear2d(nn.UpsamplingOptions{ScaleFactor: []float64{1.5, 2}})
		}),

		"PixelShuffle":   option(nn.NewPixelShuffle, 2),
		"PixelUnshuffle": option(nn.NewPixelUnshuffle, 2),
		"ChannelShuffle": option(nn.NewChannelShuffle, 2),
		"Unfold":         poolWith(nn.NewUnfold, 2),
		"Unfold options": poolWith(nn.NewUnfold, []int{2, 3}, nn.UnfoldOptions{Dilation: []int{1, 2}, Padding: 1, Stride: []int{2, 1}}),
		"Fold":           layer(func() *nn.Fold { return nn.NewFold([]int{3, 4}, 2) }),
		"Fold options": layer(func() *nn.Fold {
			return nn.NewFold(4, []int{2, 3}, nn.FoldOptions{Dilation: []int{2, 1}, Padding: []int{0, 1}, Stride: 2})
		}),
		"Flatten options":    layer(func() *nn.Flatten { return nn.NewFlatten(nn.FlattenOptions{StartDim: new(0), EndDim: new(2)}) }),
		"Unflatten":          layer(func() *nn.Unflatten { return nn.NewUnflatten(1, []int{2, 1}) }),
		"Unflatten the rest": layer(func() *nn.Unflatten { return nn.NewUnflatten(-1, []int{-1, 3}) }),
	}, map[string]func(){
		"reflection":             func() { nn.NewReflectionPad1d(3).Forward(row) },
		"reflection dimensions":  func() { nn.NewReflectionPad2d(1).Forward(zeros(3)) },
		"replication of nothing": func() { nn.NewReplicationPad1d(1).Forward(zeros(1, 1, 0)) },
		"circle":                 func() { nn.NewCircularPad1d(4).Forward(row) },
		"circle dimensions":      func() { nn.NewCircularPad2d(1).Forward(zeros(3)) },
		"cut off":                func() { nn.NewZeroPad1d(-2).Forward(row) },
		"odd widths":             func() { nn.NewConstantPad1d([]int{1, 2, 3}, 0).Forward(row) },
		"pixel shuffle channels": func() { nn.NewPixelShuffle(2).Forward(x) },
		"pixel shuffle factor":   func() { nn.NewPixelShuffle(0).Forward(x) },
		"pixel unshuffle height": func() { nn.NewPixelUnshuffle(2).Forward(x) },
		"channel shuffle groups": func() { nn.NewChannelShuffle(4).Forward(x) },
		"upsample nothing":       resize(nn.UpsampleOptions{}),
		"upsample both":          resize(nn.UpsampleOptions{Size: 2, ScaleFactor: 2}),
		"upsample dimensions":    resize(nn.UpsampleOptions{Size: []int{2, 2, 2}}),
		"upsample factors":       resize(nn.UpsampleOptions{ScaleFactor: []float64{2, 1.5, 2}}),
		"upsample mode":          resize(nn.UpsampleOptions{Size: 2, Mode: "cubic"}),
		"upsample linear":        resize(nn.UpsampleOptions{Size: 2, Mode: "linear"}),
		"upsample corners":       resize(nn.UpsampleOptions{Size: 2, AlignCorners: new(true)}),
		"upsample recomputed":    resize(nn.UpsampleOptions{Size: 2, RecomputeScaleFactor: true}),
		"unfold kernel":          func() { nn.NewUnfold(4).Forward(x) },
		"unfold stride":          func() { nn.NewUnfold(2, nn.UnfoldOptions{Stride: 0}).Forward(x) },
		"fold columns":           func() { nn.NewFold(4, 2).Forward(zeros(1, 4, 8)) },
		"fold channels":          func() { nn.NewFold(4, 2).Forward(zeros(1, 5, 9)) },
		"unflatten":              func() { nn.NewUnflatten(1, two).Forward(x) },
		"unflatten nothing":      func() { nn.NewUnflatten(1, nil).Forward(x) },
	})
}

func TestTypesOfOptionsOfShapes(t *testing.T) {
	for want, make := range map[string]func(){
		"nn.ZeroPad2d: want an int or a []int, not a string":                         func() { nn.NewZeroPad2d("1") },
		"nn.ConstantPad1d: want an integer or a floating-point number, not a string": func() { nn.NewConstantPad1d(1, "1") },
		"nn.LPPool1d: want an integer or a floating-point number, not a <nil>":       func() { nn.NewLPPool1d(nil, 1) },
		"nn.AvgPool1d: want an int or a []int, not a []float64":                      func() { nn.NewAvgPool1d([]float64{1}) },
		"aten::max_pool2d: want an int or a []int, not a bool":                       func() { nn.NewMaxPool2d(true).Forward(zeros(1, 2, 2)) },
		"functional.Interpolate: want an int or a []int, not a float64":              func() { nn.NewUpsample(nn.UpsampleOptions{Size: 1.5}).Forward(zeros(1, 2, 2)) },
	} {
		e := torchtest.Fails(t, make)
		assert.Equal(t, torch.TypeError, e.Kind)
		assert.Equal(t, want, e.Error())
	}
}

func ExampleNewReflectionPad1d() {
	pad := nn.NewReflectionPad1d([]int{2, 1})
	fmt.Println(pad)
	fmt.Println(torch.ToSlice[float64](pad.Forward(torch.NewTensor([][]float64{{1, 2, 3}}))))
	// Output:
	// ReflectionPad1d((2, 1))
	// [3 2 1 2 3 2]
}

func ExampleNewUpsample() {
	upsample := nn.NewUpsample(nn.UpsampleOptions{ScaleFactor: 2, Mode: "bilinear"})
	fmt.Println(upsample)
	fmt.Println(upsample.Forward(torch.Zeros([]int{1, 3, 4, 5})).Shape())
	// Output:
	// Upsample(scale_factor=2.0, mode='bilinear')
	// [1 3 8 10]
}
