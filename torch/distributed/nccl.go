package distributed

import "github.com/wangkuiyi/gotorch/torch"

// opAttachNCCL is of the library that the installer builds where libtorch has CUDA.
var opAttachNCCL = torch.NewOperator("gotorch_nccl::attach(__torch__.torch.classes.c10d.ProcessGroup group, int timeout, int[] ranks) -> ()")

// attachNCCL lets the group move tensors on CUDA devices by NCCL; gloo moves others.
func (g *ProcessGroup) attachNCCL() error {
	return torch.Try(func() {
		var c torch.Call
		c.Object(g.object)
		c.Int(milliseconds(g.timeout))
		c.Ints(g.ranks)
		c.Do(opAttachNCCL)
	})
}
