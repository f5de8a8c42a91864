package lrscheduler_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/amp"
	"github.com/wangkuiyi/gotorch/torch/distributions"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
	"github.com/wangkuiyi/gotorch/torch/optim/lrscheduler"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
)

// ownNet is a module of one's own.
type ownNet struct {
	nn.Module
	FC *nn.Linear
}

// trainer has a state by what it embeds.
type trainer struct {
	*ownNet
	Epoch int
}

// selfish is saved as its value.
type selfish struct{ value any }

func (s selfish) SaveValue() any { return s.value }

// What has a state dict is not saved as a dict without it, at whatever depth.
func TestSaveRefusesStates(t *testing.T) {
	net := nn.Init(&ownNet{FC: nn.NewLinear(2, 1)})
	sgd := optim.NewSGD(net.Parameters(), optim.SGDOptions{LR: 0.1})
	const state = " cannot be saved, but its state can: save its StateDict() in its place"
	type one struct{ Model any }
	type deep struct{ List []one }
	for _, c := range []struct {
		value any
		want  string
	}{
		{net, "a *lrscheduler_test.ownNet" + state},
		{net.FC, "a *nn.Linear" + state},
		{&net, "a *lrscheduler_test.ownNet" + state},
		{nn.NewSequential(nn.NewReLU()), "a *nn.Sequential" + state},
		{nn.NewMSELoss(), "a *nn.MSELoss" + state},
		{trainer{net, 3}, "a lrscheduler_test.trainer" + state},
		{map[string]any{"epoch": 1, "net": net}, "net: a *lrscheduler_test.ownNet" + state},
		{[]*nn.Linear{net.FC}, "[0]: a *nn.Linear" + state},
		{[1]any{net.FC}, "[0]: a *nn.Linear" + state},
		{deep{[]one{{1}, {net}}}, "list: [1]: model: a *lrscheduler_test.ownNet" + state},
		{&deep{[]one{{&[]any{net}}}}, "list: [0]: model: [0]: a *lrscheduler_test.ownNet" + state},
		{torch.Tuple{1, net}, "[1]: a *lrscheduler_test.ownNet" + state},
		{torch.OrderedDict{{Key: "net", Value: net}}, "net: a *lrscheduler_test.ownNet" + state},
		{selfish{net}, "a *lrscheduler_test.ownNet" + state},
		{sgd, "a *optim.SGD" + state},
		{map[string]any{"optimizer": sgd}, "optimizer: a *optim.SGD" + state},
		{lrscheduler.NewStepLR(sgd, 1), "a *lrscheduler.StepLR" + state},
		{amp.NewGradScaler(), "a *amp.GradScaler" + state},
		{sgd.ParamGroups, "[0]: field "},
		{data.NewRandomSampler(data.NewTensorDataset(torch.Ones([]int{3}))), "field "},
		{distributions.NewNormal(torch.Zeros([]int{1}), torch.Ones([]int{1})), "common: field "},
	} {
		assert.ErrorContains(t, torch.SaveTo(c.value, &bytes.Buffer{}), "torch.SaveTo: "+c.want, "%T", c.value)
	}
	var none *ownNet
	assert.NoError(t, torch.SaveTo(map[string]any{"none": none}, &bytes.Buffer{}), "a nil pointer is None")
}

func TestLoadRefusesStates(t *testing.T) {
	net := nn.NewLinear(2, 1)
	const state = " cannot be loaded, but its state can: load a "
	for _, c := range []struct {
		into  func(any) error
		value any
		want  string
	}{
		{into[*nn.Linear], map[string]any{}, "a *nn.Linear" + state + "nn.StateDict, and give it to LoadStateDict"},
		{into[*nn.Linear], nil, "a *nn.Linear" + state},
		{into[map[string]*nn.Linear], map[string]any{"fc": nil}, "fc: a *nn.Linear" + state},
		{into[trainer], map[string]any{}, "a lrscheduler_test.trainer" + state},
		{into[*optim.SGD], map[string]any{}, "a *optim.SGD" + state + "optim.StateDict"},
		{into[struct{ S *lrscheduler.StepLR }], map[string]any{"s": 1}, "s: a *lrscheduler.StepLR" + state + "map[string]interface {}"},
		{into[optim.StateDict], map[string]any{}, "the dict lacks state, which field State of optim.StateDict wants"},
		{into[optim.StateDict], map[string]any{"state": map[any]any{}}, "the dict lacks param_groups, which field ParamGroups of optim.StateDict wants"},
		{into[optim.StateDict], torch.OrderedDict{{Key: "fc.weight", Value: net.Weight}}, "the dict lacks state"},
		{into[optim.StateDict], nil, "None cannot be a optim.StateDict"},
		{into[nn.StateDict], nil, "a <nil> is not a state dict"},
		{into[struct{ Model nn.StateDict }], map[string]any{"epoch": 1}, "the dict lacks model, which field Model of "},
	} {
		assert.ErrorContains(t, c.into(c.value), "torch.As: "+c.want)
	}
	path := filepath.Join(t.TempDir(), "net.pt")
	require.NoError(t, torch.Save(net.StateDict(), path))
	_, err := torch.LoadAs[optim.StateDict](path)
	assert.ErrorContains(t, err, "torch.Load: "+path+": the dict lacks state")
}

// into converts a value and gives the error.
func into[T any](value any) error {
	_, err := torch.As[T](value)
	return err
}
