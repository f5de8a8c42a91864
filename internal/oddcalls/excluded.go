package main

// excluded is what is not called, and why; a name that ends in a full stop stands for
// all that begin with it.
var excluded = map[string]string{
	"torch.SetNumThreads":        "a later operator starts that many threads, of which Python dies, too",
	"torch.SetNumInteropThreads": "a later operator starts that many threads, of which Python dies, too",

	"torch.Call.":    "what packages write operators with, who know what these take",
	"torch.Results.": "what packages write operators with, who know what these give",

	"torch.FromDLPack": "reads whatever memory it is told of",
	"torch.FreeDLPack": "calls whatever function it is told of",

	"torch/quasirandom.SobolEngine.Draw":        "takes for ever for great numbers, in Python, too",
	"torch/quasirandom.SobolEngine.DrawBase2":   "takes for ever for great numbers, in Python, too",
	"torch/quasirandom.SobolEngine.FastForward": "takes for ever for great numbers, in Python, too",

	"torch.Tensor.Format": "package fmt calls it, with a state of its own",

	"torch/distributed.": "waits for other processes, as long as it is told",

	"torch.MatrixPower":                    "takes for ever for great exponents, in Python, too",
	"torch.Tensor.MatrixPower":             "takes for ever for great exponents, in Python, too",
	"torch/linalg.MatrixPower":             "takes for ever for great exponents, in Python, too",
	"torch.Combinations":                   "takes for ever for great numbers, in Python, too",
	"torch/special.LaguerrePolynomialL":    "takes for ever for great degrees, in Python, too",
	"torch/special.LegendrePolynomialP":    "takes for ever for great degrees, in Python, too",
	"torch.Tensor.RandomInplace":           "takes for ever for great numbers, in Python, too",
	"torch.SVDLowRank":                     "takes for ever for great numbers of iterations, in Python, too",
	"torch.PCALowRank":                     "takes for ever for great numbers of iterations, in Python, too",
	"torch/nn.NewTransformerEncoder":       "copies a layer as often as it is told, as Python does",
	"torch/nn.NewTransformerDecoder":       "copies a layer as often as it is told, as Python does",
	"torch.Range":                          "divides by a step that is 0 in the dtype, in Python, too",
	"torch/distributions.VonMises.Sample":  "takes for ever for great concentrations, in Python, too",
	"torch/distributions.VonMises.SampleN": "takes for ever for great concentrations, in Python, too",
	"torch.Pdist":                          "its backward reads memory that is not there for sizes [0, 3], in Python, too",
	"torch/nn/functional.Pdist":            "its backward reads memory that is not there for sizes [0, 3], in Python, too",
	"torch.AsStrided":                      "reads memory that is not there for huge strides, in Python, too",
	"torch.AsStridedCopy":                  "reads memory that is not there for huge strides, in Python, too",
	"torch.AsStridedScatter":               "reads memory that is not there for huge strides, in Python, too",
	"torch.Tensor.AsStrided":               "reads memory that is not there for huge strides, in Python, too",
	"torch.Tensor.AsStridedInplace":        "reads memory that is not there for huge strides, in Python, too",
	"torch.Tensor.AsStridedScatter":        "reads memory that is not there for huge strides, in Python, too",
	"torch.LSTM":                           "reads memory that is not there for short lists, in Python, too",

	"torch/vision/models.NewSwinTransformer": "makes as many blocks as it is told, as Python does",

	"torch/serve.Server.Serve":          "serves until its context ends",
	"torch/serve.Server.ListenAndServe": "serves until its context ends",

	"torch/utils/benchmark.Timer.": "measures for as long as it is told",
	"torch/profiler.Profile.Start": "records until it is stopped",

	"torch/utils/explain.IntegratedGradients": "takes for ever for great numbers of steps, as Captum does",
}
