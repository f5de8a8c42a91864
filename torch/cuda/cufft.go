package cuda

import "github.com/wangkuiyi/gotorch/torch"

var (
	opPlans       = torch.NewOperator("aten::_cufft_get_plan_cache_size(DeviceIndex device_index) -> int")
	opMaxPlans    = torch.NewOperator("aten::_cufft_get_plan_cache_max_size(DeviceIndex device_index) -> int")
	opSetMaxPlans = torch.NewOperator("aten::_cufft_set_plan_cache_max_size(DeviceIndex device_index, int max_size) -> ()")
	opClearPlans  = torch.NewOperator("aten::_cufft_clear_plan_cache(DeviceIndex device_index) -> ()")
)

// PlanCache is what cuFFT keeps for transforms of the same shape on a device.
//
// https://docs.pytorch.org/docs/stable/backends.html#torch.backends.cuda.cufft_plan_cache
type PlanCache struct{ index int }

// CuFFTPlanCache returns that of a device, or of the current one. It panics without CUDA.
//
// https://docs.pytorch.org/docs/stable/backends.html#torch.backends.cuda.cufft_plan_cache
func CuFFTPlanCache(device ...torch.Device) PlanCache {
	return PlanCache{mustBe("cuda.CuFFTPlanCache", device).Index()}
}

func (p PlanCache) call(operator *torch.Operator, more ...int) torch.Results {
	var c torch.Call
	c.Int(p.index)
	for _, n := range more {
		c.Int(n)
	}
	return c.Results(operator)
}

// Size returns for how many transforms there are plans.
func (p PlanCache) Size() int {
	r := p.call(opPlans)
	return r.Int()
}

// MaxSize returns for how many there may be, at first 4096, or 1023 with older CUDAs.
func (p PlanCache) MaxSize() int {
	r := p.call(opMaxPlans)
	return r.Int()
}

// SetMaxSize sets for how many there may be.
func (p PlanCache) SetMaxSize(n int) { p.call(opSetMaxPlans, n) }

// Clear drops all plans.
func (p PlanCache) Clear() { p.call(opClearPlans) }
