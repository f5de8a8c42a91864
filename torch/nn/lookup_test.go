package nn_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

func TestLookups(t *testing.T) {
	net := newNet()
	assert.Same(t, net, net.GetSubmodule(""))
	assert.Same(t, net.Body.At(2).(*Block).FC, net.GetSubmodule("body.2.fc"))
	assert.Same(t, net.Heads.At(1).Bias, net.GetParameter("heads.1.bias"))
	assert.Same(t, net.Scale, net.GetParameter("w"))
	assert.Same(t, net.RunningMean, net.GetBuffer("running_mean"))
	assert.Same(t, net.Loss.Weight, net.GetBuffer("loss.weight"))
}

func TestSetSubmodule(t *testing.T) {
	net := newNet()
	linear := nn.NewLinear(4, 1)
	net.SetSubmodule("body.1", linear)
	assert.Same(t, linear, net.Body.At(1))
	net.SetSubmodule("in_proj", linear)
	assert.Same(t, linear, net.InProj)
	net.SetSubmodule("body.2.more", linear)
	assert.Same(t, linear, net.GetSubmodule("body.2.more"))
	e := torchtest.Fails(t, func() { net.SetSubmodule("in_proj", nn.NewReLU()) })
	assert.Equal(t, "in_proj is a *nn.Linear, which a *nn.ReLU is not", e.Message)
}

func TestLookupsRefuseInPythonsWords(t *testing.T) {
	c, _ := golden(t)
	net := newNet()
	for name, f := range map[string]func(){
		"get_submodule":        func() { net.GetSubmodule("body.2.fc.nothing") },
		"get_submodule_tensor": func() { net.GetSubmodule("body.0.weight") },
		"get_parameter":        func() { net.GetParameter("body.0.nothing") },
		"get_parameter_buffer": func() { net.GetParameter("running_mean") },
		"get_buffer":           func() { net.GetBuffer("body.nothing") },
		"get_buffer_parameter": func() { net.GetBuffer("body.0.weight") },
		"set_submodule_empty":  func() { net.SetSubmodule("", nn.NewReLU()) },
		"set_submodule_tensor": func() { net.SetSubmodule("w", nn.NewReLU()) },
		"list_index":           func() { nn.NewModuleList(nn.NewReLU()).At(3) },
		"sequential_index":     func() { nn.NewSequential(nn.NewReLU()).At(-2) },
	} {
		assert.Equal(t, c.Errors[name], torchtest.Fails(t, f).Message, name)
	}
	assert.Equal(t, "`absent` is not an nn.Module", torchtest.Fails(t, func() { net.GetSubmodule("absent") }).Message)
	assert.Equal(t, "`bias` is not an nn.Parameter", torchtest.Fails(t, func() { net.GetParameter("bias") }).Message)
	assert.Equal(t, "'"+c.Errors["dict_key"]+"'", torchtest.Fails(t, func() { nn.NewModuleDict[nn.Layer]().At("x") }).Message)
}
