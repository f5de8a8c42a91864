package profiler_test

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/profiler"
)

func ExampleProfile_KeyAverages() {
	x := torch.Ones([]int{2, 3})
	p := profiler.New(profiler.Options{RecordShapes: true})
	err := p.Run(func() {
		x.Exp()
		x.Exp()
		profiler.RecordFunction("sums", func() { x.Add(x).Add(x.Flatten().Index(0)) })
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, row := range p.KeyAverages(profiler.KeyOptions{GroupByInputShape: true}).Rows {
		if row.Key == "aten::exp" || row.Key == "aten::add" || row.UserAnnotation {
			fmt.Println(row.Key, row.Count, row.InputShapes)
		}
	}
	// Output:
	// aten::exp 2 [[2 3]]
	// sums 1 []
	// aten::add 1 [[2 3] [2 3] []]
	// aten::add 1 [[2 3] [] []]
}

func ExampleNewSchedule() {
	schedule := profiler.NewSchedule(1, 1, 2, profiler.ScheduleOptions{Repeat: 1})
	for step := range 6 {
		fmt.Println(step, schedule(step))
	}
	// Output:
	// 0 None
	// 1 Warmup
	// 2 Record
	// 3 RecordAndSave
	// 4 None
	// 5 None
}

func ExampleProfile_Step() {
	x := torch.Ones([]int{2, 3})
	p := profiler.New(profiler.Options{
		Schedule: profiler.NewSchedule(1, 1, 2),
		OnTraceReady: func(p *profiler.Profile) error {
			fmt.Println("a trace before step", p.StepNum(), "with", p.KeyAverages().Rows[1].Count, p.KeyAverages().Rows[1].Key)
			return nil
		},
	})
	err := p.Run(func() {
		for range 8 {
			x.Exp()
			p.Step()
		}
	})
	fmt.Println(err)
	// Output:
	// a trace before step 4 with 2 aten::exp
	// a trace before step 8 with 2 aten::exp
	// <nil>
}
