package mistakes

import "github.com/wangkuiyi/gotorch/torch"

func elementByElement(x *torch.Tensor) (sum float64, right int) {
	for i := range 10 {
		sum += x.Index(i).Item() // want "Item reads an element at each turn of a loop.*torch.ToSlice"
	}
	for i := 0; i < 10; i++ {
		for j := 0; j < 10; j++ {
			if x.Index(i, j).Bool() { // want "Bool reads an element at each turn"
				right += x.Select(0, i).Int() // want "Int reads an element at each turn"
			}
		}
	}
	return sum, right
}
