package profiler_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/profiler"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

func TestTmp(t *testing.T) {
	l := nn.NewLinear(5, 3)
	x := torch.Randn([]int{4, 5}).SetRequiresGrad(true)
	work := func() {
		profiler.RecordFunction("my region", func() { l.Forward(x).ReLU().Sum().Backward() })
	}
	work()
	p := profiler.New(profiler.Options{RecordShapes: true, ProfileMemory: true, WithFLOPs: true, WithStack: true, Schedule: profiler.NewSchedule(0, 1, 2, profiler.ScheduleOptions{Repeat: 1})})
	require.NoError(t, p.Run(func() {
		for range 3 {
			work()
			p.Step()
		}
	}))
	fmt.Println(p.KeyAverages().Table())
	fmt.Println(p.KeyAverages(profiler.KeyOptions{GroupByStackN: 5}).Table())
	require.NoError(t, p.ExportChromeTrace("/tmp/go.json"))
	require.NoError(t, p.ExportStacks("/tmp/go.stacks"))
}
