package algorithms_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/distributed/algorithms"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// joinable is one before there are processes.
type joinable struct{}

func (*joinable) JoinHook(algorithms.JoinOptions) algorithms.JoinHook { return nil }
func (*joinable) JoinDevice() torch.Device                            { return torch.CPU }
func (*joinable) JoinProcessGroup() *distributed.ProcessGroup         { return nil }

// TestJoinRefuses is what Join says without processes; package parallel tests it with them.
func TestJoinRefuses(t *testing.T) {
	j := &joinable{}
	assert.ErrorContains(t, algorithms.Join(nil, func() {}), "The join context manager requires at least one joinable")
	assert.ErrorContains(t, torch.Try(func() { _ = algorithms.Join([]algorithms.Joinable{j}, nil) }), "the function must not be nil")
	assert.ErrorContains(t, torch.Try(func() { _ = algorithms.Join([]algorithms.Joinable{nil}, func() {}) }), "a joinable must not be nil")
	ran := false
	assert.ErrorContains(t, algorithms.Join([]algorithms.Joinable{j}, func() { ran = algorithms.Joining(j) }), "not been initialized")
	assert.True(t, ran)
	assert.False(t, algorithms.Joining(j))
	work, err := algorithms.NotifyJoinContext(j)
	assert.Nil(t, work)
	assert.NoError(t, err)
}
