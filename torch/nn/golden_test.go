package nn_test

import (
	"testing"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// tolerance is what values may differ by, relative to the greater of 1 and the
// golden value, on another libtorch or CPU than that of the golden file.
const tolerance = 1e-5

// cases is testdata/nn.json, which scripts/golden/nn.py makes.
type cases struct {
	Linear []struct {
		In, Out    int
		HasBias    bool `json:"has_bias"`
		Seed       int
		DType      string
		Weight     torchtest.Tensor
		Bias       *torchtest.Tensor
		X, Y, Up   torchtest.Tensor
		GradX      torchtest.Tensor  `json:"grad_x"`
		GradWeight torchtest.Tensor  `json:"grad_weight"`
		GradBias   *torchtest.Tensor `json:"grad_bias"`
	}
	LinearLarge []struct {
		In, Out      int
		HasBias      bool `json:"has_bias"`
		Seed         int
		WeightSHA256 string            `json:"weight_sha256"`
		WeightStart  torchtest.Tensor  `json:"weight_start"`
		BiasSHA256   string            `json:"bias_sha256"`
		BiasStart    *torchtest.Tensor `json:"bias_start"`
		Next         torchtest.Tensor
	} `json:"linear_large"`
	CrossEntropy []struct {
		Name           string
		X, Target      torchtest.Tensor
		Weight         *torchtest.Tensor
		IgnoreIndex    *int `json:"ignore_index"`
		Reduction      string
		LabelSmoothing float64 `json:"label_smoothing"`
		Loss, Grad     torchtest.Tensor
	} `json:"cross_entropy"`
	Structure struct {
		Printed                                         map[string]string
		StateDict                                       []string `json:"state_dict"`
		Parameters, Buffers, Modules, Children, Applied []string
	}
	Loading []struct {
		Drop, Add []string
		Reshape   []struct {
			Name string
			Size []int
		}
		Strict, Lenient     string
		Missing, Unexpected []string
	}
	Errors map[string]string
}

// golden returns the golden cases, and whether values must be equal to the bit.
func golden(t *testing.T) (c cases, exact bool) {
	t.Helper()
	header := torchtest.Golden(t, "testdata/nn.json", &c)
	return c, header.Exact()
}
