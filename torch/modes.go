package torch

// Reducer says how what meets at one index is joined.
type Reducer string

// The reducers. Which of them there are says the function: [Tensor.ScatterReduce]
// takes the first five, [Tensor.IndexReduce] these but the sum, [SegmentReduce]
// ReducerMax and ReducerMin in the place of ReducerAmax and ReducerAmin, and
// [Tensor.Scatter] the last two.
const (
	ReducerSum      Reducer = "sum"
	ReducerProd     Reducer = "prod"
	ReducerMean     Reducer = "mean"
	ReducerAmax     Reducer = "amax"
	ReducerAmin     Reducer = "amin"
	ReducerMax      Reducer = "max"
	ReducerMin      Reducer = "min"
	ReducerAdd      Reducer = "add"
	ReducerMultiply Reducer = "multiply"
)

// QuantileInterpolation says what [Tensor.Quantile] gives between two elements.
type QuantileInterpolation string

// The interpolations of quantiles.
const (
	QuantileLinear   QuantileInterpolation = "linear"   // in proportion
	QuantileLower    QuantileInterpolation = "lower"    // the lower element
	QuantileHigher   QuantileInterpolation = "higher"   // the higher one
	QuantileMidpoint QuantileInterpolation = "midpoint" // half of both
	QuantileNearest  QuantileInterpolation = "nearest"  // the nearer one
)

// Side says which index [Searchsorted] gives among equal elements.
type Side string

// The sides of equal elements.
const (
	SideLeft  Side = "left"  // the first suitable index
	SideRight Side = "right" // the one after the last
)

// PadMode says what lies beyond the edges of a tensor that is padded.
type PadMode string

// The modes of padding.
const (
	PadConstant  PadMode = "constant"  // one number
	PadReflect   PadMode = "reflect"   // the elements in reverse, without the one at the edge
	PadReplicate PadMode = "replicate" // the element at the edge
	PadCircular  PadMode = "circular"  // the elements from the other edge
)

// RoundingMode says how [Tensor.Div] rounds.
type RoundingMode string

// The modes of rounding; "" does not round.
const (
	RoundTrunc RoundingMode = "trunc" // towards 0
	RoundFloor RoundingMode = "floor" // down
)

// Indexing is the order of dimensions that [Meshgrid] gives.
type Indexing string

// The orders of dimensions.
const (
	IndexingIJ Indexing = "ij" // as matrices have them
	IndexingXY Indexing = "xy" // as coordinates: the first two in turn
)

// LobpcgMethod says how [Lobpcg] keeps its basis orthogonal.
type LobpcgMethod string

// The methods of Lobpcg.
const (
	LobpcgBasic LobpcgMethod = "basic" // by a Cholesky decomposition
	LobpcgOrtho LobpcgMethod = "ortho" // by orthogonalization, which is more robust
)

// PrintProfile names settings of printing.
type PrintProfile string

// The profiles of printing.
const (
	PrintDefault PrintProfile = "default" // 4 digits, summaries from 1000 elements on
	PrintShort   PrintProfile = "short"   // 2 digits, 2 elements at each end
	PrintFull    PrintProfile = "full"    // no summaries
)
