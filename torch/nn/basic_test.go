package nn_test

import (
	"testing"

	"github.com/wangkuiyi/gotorch/torch/nn"
)

func TestBasicModulesAreThoseOfPython(t *testing.T) {
	checkModules(t, "testdata/basic.json", map[string]maker{
		"linear":              layer(func() *nn.Linear { return nn.NewLinear(4, 3) }),
		"linear without bias": layer(func() *nn.Linear { return nn.NewLinear(4, 3, nn.LinearOptions{Bias: new(false)}) }),
		"flatten":             layer(func() *nn.Flatten { return nn.NewFlatten() }),
		"relu":                layer(func() *nn.ReLU { return nn.NewReLU() }),
		"sequential": layer(func() *nn.Sequential {
			return nn.NewSequential(nn.NewFlatten(), nn.NewLinear(8, 5), nn.NewReLU(), nn.NewLinear(5, 2))
		}),
	})
}
