package aoti

import ("testing";"fmt";"os"; "github.com/wangkuiyi/gotorch/torch")

func TestTry(t *testing.T) {
	info, err := Inspect("/tmp/aoti/mlp.pt2")
	fmt.Println(err)
	for _, i := range info { fmt.Printf("%+v\n", i) }
	m, err := Load("/tmp/aoti/mlp.pt2")
	if err != nil { t.Fatal(err) }
	for _, n := range []int{0,1,2,64,65} {
		y, err := m.Run(torch.Ones([]int{n,4}))
		fmt.Println(n, y, err)
	}
	fmt.Println(m.Run(torch.Ones([]int{4})))
	fmt.Println(m.Run(torch.Ones([]int{4,3}).T()))
	fmt.Println(m.Run(torch.Ones([]int{3,8}).Narrow(1,0,4)))
	fmt.Println(m.Run(torch.Ones([]int{1,4}, torch.TensorOptions{DType: torch.Float64})))
	d, err := m.Constants()
	fmt.Println(d, err)
	for i := range d { d[i].Tensor = d[i].Tensor.Mul(2) }
	fmt.Println(m.UpdateConstants(d))
	fmt.Println(m.Run(torch.Ones([]int{2,4})))
	fmt.Println(m.UpdateConstants(d[:1]))
	m.Close()
	fmt.Println(m.Run(torch.Ones([]int{2,4})))
	data, _ := os.ReadFile("/proc/self/maps"); os.WriteFile("/tmp/aoti/maps", data, 0o600)
}
