package torch_test

import (
	"bytes"
	"math"
	"math/big"
	"path/filepath"
	"sync"
	"testing"
	"time"

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

type withMutex struct {
	sync.Mutex
	Epoch int
}

// Nothing is lost without a word: the error says where it is and what to save.
func TestSaveRefusesWhatItWouldLose(t *testing.T) {
	net := nn.Init(&ownNet{FC: nn.NewLinear(2, 1)})
	sgd := optim.NewSGD(net.Parameters(), optim.SGDOptions{LR: 0.1})
	scheduler := lrscheduler.NewStepLR(sgd, 1)
	const state = " cannot be saved, but its state can: save its StateDict() in its place"
	const hidden = " is not exported, so it would be lost: export it, leave it out with the tag `torch:\"-\"`, or put another value in the place of the struct"
	nested := torch.NestedTensor([]*torch.Tensor{torch.Ones([]int{2}), torch.Ones([]int{3})})
	type one struct{ Model any }
	type deep struct{ List []one }
	type hides struct {
		Epoch int
		best  float64
	}
	type twice struct {
		LR   float64
		Rate float64 `torch:"lr"`
	}
	type badTag struct {
		LR float64 `torch:"lr,omitempty"`
	}
	for _, c := range []struct {
		value any
		want  string
	}{
		{net, "a *torch_test.ownNet" + state},
		{net.FC, "a *nn.Linear" + state},
		{*net.FC, "a nn.Linear" + state},
		{&net, "a *torch_test.ownNet" + state},
		{nn.NewSequential(nn.NewReLU()), "a *nn.Sequential" + state},
		{nn.NewMSELoss(), "a *nn.MSELoss" + state},
		{trainer{net, 3}, "a torch_test.trainer" + state},
		{map[string]any{"epoch": 1, "net": net}, "net: a *torch_test.ownNet" + state},
		{[]*nn.Linear{net.FC}, "[0]: a *nn.Linear" + state},
		{[1]nn.Layer{net.FC}, "[0]: a *nn.Linear" + state},
		{deep{[]one{{1}, {net}}}, "list: [1]: model: a *torch_test.ownNet" + state},
		{&deep{[]one{{&[]any{net}}}}, "list: [0]: model: [0]: a *torch_test.ownNet" + state},
		{torch.Tuple{1, net}, "[1]: a *torch_test.ownNet" + state},
		{torch.OrderedDict{{Key: "net", Value: net}}, "net: a *torch_test.ownNet" + state},
		{selfish{net}, "a *torch_test.ownNet" + state},
		{sgd, "a *optim.SGD" + state},
		{map[string]any{"optimizer": sgd}, "optimizer: a *optim.SGD" + state},
		{scheduler, "a *lrscheduler.StepLR" + state},
		{amp.NewGradScaler(), "a *amp.GradScaler" + state},
		{sgd.ParamGroups, "[0]: field "},
		{data.NewRandomSampler(data.NewTensorDataset(torch.Ones([]int{3}))), "field "},
		{torch.DefaultGenerator(), "field handle of torch.Generator" + hidden},
		{distributions.NewNormal(torch.Zeros([]int{1}), torch.Ones([]int{1})), "field "},
		{nested, "a nested tensor cannot be saved: save the list that Unbind(0) returns"},
		{map[string]any{"x": nested}, "x: a nested tensor cannot be saved"},
		{torch.Eye(2).ToSparse(), "a tensor of layout torch.sparse_coo cannot be saved: save its ToDense(), or its indices and values"},
		{torch.QuantizePerTensor(torch.Ones([]int{2}), 0.5, 0, torch.QInt8), "a tensor of dtype torch.qint8 cannot be saved: save its Dequantize()"},
		{hides{1, 0.5}, "field best of torch_test.hides" + hidden},
		{map[string]any{"a": []any{&hides{}}}, "a: [0]: field best of torch_test.hides" + hidden},
		{&withMutex{}, "mutex: field "},
		{time.Now(), "field wall of time.Time" + hidden},
		{assert.AnError, "field s of errors.errorString" + hidden},
		{*big.NewRat(1, 2), "field a of big.Rat" + hidden},
		{twice{1, 2}, "fields LR and Rate of torch_test.twice are both named lr: a tag `torch:\"name\"` changes that"},
		{badTag{}, "field LR of torch_test.badTag has the tag `torch:\"lr,omitempty\"`: after the comma there may be \"optional\""},
		{map[any]any{1: "a", true: "b"}, ": another key of the dict is the same in Python"},
		{map[any]any{int8(2): "a", 2.0: "b"}, ": another key of the dict is the same in Python"},
		{torch.OrderedDict{{Key: "a", Value: 1}, {Key: "a", Value: 2}}, "key a: another key of the dict is the same in Python"},
		{struct{ F func() }{}, "f: a func() cannot be saved"},
		{map[string]chan int{"c": nil}, "c: a chan int cannot be saved"},
		{uintptr(1), "a uintptr cannot be saved"},
	} {
		assert.ErrorContains(t, torch.SaveTo(c.value, &bytes.Buffer{}), "torch.SaveTo: "+c.want, "%T", c.value)
	}

	var none *ownNet
	assert.NoError(t, torch.SaveTo(map[string]any{"none": none}, &bytes.Buffer{}), "a nil pointer is None")
	assert.Equal(t, "12", again[*big.Int](t, map[string]big.Int{"n": *big.NewInt(12)}["n"]).String())
}

func TestLoadRefusesWhatIsNotThere(t *testing.T) {
	type row struct {
		Epoch int
		Note  string  `torch:"note,optional"`
		Best  float64 `torch:",optional"`
		cache []int   `torch:"-"`
	}
	_ = row{}.cache
	type checkpoint struct {
		Rows  []row
		Model nn.StateDict
	}
	type hides struct{ epoch int }
	_ = hides{}.epoch
	net := nn.NewLinear(2, 1)
	const state = " cannot be loaded, but its state can: load a "
	for _, c := range []struct {
		into  func(any) error
		value any
		want  string
	}{
		{into[*nn.Linear], map[string]any{}, "a *nn.Linear" + state + "nn.StateDict, and give it to LoadStateDict"},
		{into[nn.Linear], map[string]any{}, "a nn.Linear" + state + "nn.StateDict, and give it to LoadStateDict"},
		{into[*nn.Linear], nil, "a *nn.Linear" + state},
		{into[map[string]*nn.Linear], map[string]any{"fc": nil}, "fc: a *nn.Linear" + state},
		{into[trainer], map[string]any{}, "a torch_test.trainer" + state},
		{into[*optim.SGD], map[string]any{}, "a *optim.SGD" + state + "optim.StateDict"},
		{into[struct{ S *lrscheduler.StepLR }], map[string]any{"s": 1}, "s: a *lrscheduler.StepLR" + state + "map[string]interface {}"},
		{into[optim.StateDict], map[string]any{}, "the dict lacks state, which field State of optim.StateDict wants"},
		{into[optim.StateDict], map[string]any{"state": map[int]any{}}, "the dict lacks param_groups, which field ParamGroups of optim.StateDict wants"},
		{into[optim.StateDict], torch.OrderedDict{{Key: "fc.weight", Value: net.Weight}}, "the dict lacks state"},
		{into[optim.StateDict], nil, "None cannot be a optim.StateDict"},
		{into[nn.StateDict], nil, "a <nil> is not a state dict"},
		{into[checkpoint], map[string]any{"rows": []any{}}, "the dict lacks model, which field Model of torch_test.checkpoint wants; " +
			"the tag `torch:\"model,optional\"` lets it lack that"},
		{into[checkpoint], map[string]any{"rows": []any{map[string]any{"note": "x"}}, "model": torch.OrderedDict{}},
			"rows: [0]: the dict lacks epoch, which field Epoch of torch_test.row wants"},
		{into[hides], map[string]any{"epoch": 1}, "field epoch of torch_test.hides is not exported"},
		{into[time.Time], map[string]any{}, "field wall of time.Time is not exported"},
		{into[int], nil, "None cannot be a int"},
		{into[struct{ LR float64 }], map[string]any{"lr": nil}, "lr: None cannot be a float64"},
		{into[float32], 1e300, "the float64 1e+300 cannot be a float32"},
	} {
		assert.ErrorContains(t, c.into(c.value), "torch.As: "+c.want)
	}

	got, err := torch.As[[]row]([]any{map[string]any{"epoch": 2, "more": 1}, map[string]any{"epoch": 3, "note": "n", "best": math.Inf(1)}})
	require.NoError(t, err)
	assert.Equal(t, []row{{Epoch: 2}, {Epoch: 3, Note: "n", Best: math.Inf(1)}}, got)

	path := filepath.Join(t.TempDir(), "net.pt")
	require.NoError(t, torch.Save(net.StateDict(), path))
	_, err = torch.LoadAs[optim.StateDict](path)
	assert.ErrorContains(t, err, "torch.Load: "+path+": the dict lacks state")
}

// into converts a value and gives the error.
func into[T any](value any) error {
	_, err := torch.As[T](value)
	return err
}
