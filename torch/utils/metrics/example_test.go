package metrics_test

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/metrics"
)

func ExampleConfusionMatrix() {
	m := metrics.NewConfusionMatrix(2)
	m.Update(torch.NewTensor([]int{0, 1, 1, 1}), torch.NewTensor([]int{0, 1, 1, 0}))
	counts := m.Compute()
	fmt.Println(counts)
	fmt.Printf("accuracy %.2f, macro F1 %.2f\n", counts.Accuracy(), counts.F1(metrics.Macro))
	for class, s := range counts.Classes() {
		fmt.Printf("class %d: precision %.2f, recall %.2f\n", class, s.Precision, s.Recall)
	}
	// Output:
	// [[1 1] [0 2]]
	// accuracy 0.75, macro F1 0.73
	// class 0: precision 1.00, recall 0.50
	// class 1: precision 0.67, recall 1.00
}

// How much worse the model serves one group than the other.
func ExampleByGroup() {
	accuracy := metrics.NewByGroup(func() metrics.Metric[float64] { return metrics.NewAccuracy() })
	predicted, target := torch.NewTensor([]int{0, 1, 1, 1}), torch.NewTensor([]int{0, 1, 1, 0})
	group := torch.NewTensor([]int{1, 1, 2, 2})
	accuracy.Update(predicted, target, group)
	fmt.Println(accuracy.Compute(), metrics.Gap(accuracy.Compute()))
	// Output: map[1:1 2:0.5] 0.5
}
