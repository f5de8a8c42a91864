// Package datasets is torchvision.datasets: images with labels, to train on.
//
//	train, err := datasets.NewMNIST(ctx, datasets.Options{Download: true})
//	loader := data.NewDataLoader(train, data.DataLoaderOptions{BatchSize: 64, Shuffle: true})
//	for batch, err := range loader.All(ctx) {
//		...
//	}
//
// MNIST, FashionMNIST, KMNIST, CIFAR10 and CIFAR100 are in memory, as bytes: a
// batch of [Images] is gathered and made floating-point in one go. An [ImageFolder]
// decodes its files when they are asked for, so a DataLoader with workers decodes
// them in parallel.
//
// # Where the files are
//
// A dataset's files are read from the folder Options.Root, or else from the cache:
// data/ and the dataset's name in $GOTORCH_CACHE, or in gotorch/ of the system's
// cache folder. What is missing or damaged there is fetched if Options.Download
// says so, from each known source in turn. Whatever is fetched is checked against a
// SHA-256, whatever is read against the dataset's sizes and, but for files of KMNIST
// and CIFAR that somebody has unpacked, against a SHA-256 too: nobody trains on half
// a dataset, or on another one.
package datasets
