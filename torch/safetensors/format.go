package safetensors

import "github.com/wangkuiyi/gotorch/torch"

// A format is how a file calls a type of elements.
type format struct {
	name  string
	bits  int         // of a number
	dtype torch.DType // zero where torch has none
}

// formats are in the order in which a file has its tensors: by falling alignment, as
// the reference library has it.
var formats = []format{
	{"U64", 64, torch.Uint64},
	{"I64", 64, torch.Int64},
	{"F64", 64, torch.Float64},
	{"C64", 64, torch.Complex64},
	{"F32", 32, torch.Float32},
	{"U32", 32, torch.Uint32},
	{"I32", 32, torch.Int32},
	{"BF16", 16, torch.BFloat16},
	{"F16", 16, torch.Float16},
	{"U16", 16, torch.Uint16},
	{"I16", 16, torch.Int16},
	{"F8_E5M2FNUZ", 8, torch.Float8E5M2FNUZ},
	{"F8_E4M3FNUZ", 8, torch.Float8E4M3FNUZ},
	{"F8_E8M0", 8, torch.Float8E8M0FNU},
	{"F8_E4M3", 8, torch.Float8E4M3FN},
	{"F8_E5M2", 8, torch.Float8E5M2},
	{"I8", 8, torch.Int8},
	{"U8", 8, torch.Uint8},
	{"F6_E3M2", 6, 0},
	{"F6_E2M3", 6, 0},
	{"F4", 4, torch.Float4E2M1FNX2},
	{"BOOL", 8, torch.Bool},
}

// rank and formatOf find formats by name and by dtype.
var (
	rank     = map[string]int{}
	formatOf = map[torch.DType]format{}
)

func init() {
	for i, f := range formats {
		rank[f.name] = i
		if f.dtype != 0 {
			formatOf[f.dtype] = f
		}
	}
}

// packed is how many numbers an element of a tensor holds: the last size counts those.
func (f format) packed() int {
	if f.dtype == torch.Float4E2M1FNX2 {
		return 2
	}
	return 1
}
