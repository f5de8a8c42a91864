package parametrizations_test

import (
	"fmt"
	"testing"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/utils/parametrizations"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

func ExampleWeightNorm() {
	layer := parametrizations.WeightNorm(nn.NewLinear(20, 40))
	fmt.Println(layer)
	for _, p := range layer.NamedParameters() {
		fmt.Println(p.Name, p.Tensor.Shape())
	}
	// Output:
	// ParametrizedLinear(
	//   in_features=20, out_features=40, bias=True
	//   (parametrizations): ModuleDict(
	//     (weight): ParametrizationList(
	//       (0): _WeightNorm()
	//     )
	//   )
	// )
	// bias [40]
	// parametrizations.weight.original0 [40 1]
	// parametrizations.weight.original1 [40 20]
}
