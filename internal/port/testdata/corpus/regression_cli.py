"""Fits a sine wave with a small network, with the usual options of a training script."""

import argparse
import os

import torch
import torch.nn as nn
import torch.optim as optim


class SineNet(nn.Module):
    def __init__(self, hidden, layers=2, dropout=0.0):
        super().__init__()
        sizes = [1] + [hidden] * layers
        blocks = []
        for n_in, n_out in zip(sizes[:-1], sizes[1:]):
            blocks += [nn.Linear(n_in, n_out), nn.Tanh()]
            if dropout > 0:
                blocks.append(nn.Dropout(dropout))
        self.body = nn.Sequential(*blocks)
        self.head = nn.Linear(hidden, 1)

    def forward(self, x):
        return self.head(self.body(x))


def parse_args():
    parser = argparse.ArgumentParser(description="fit a sine wave")
    parser.add_argument("--hidden", type=int, default=16, help="units of a layer (default: %(default)s)")
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--lr", type=float, default=0.05)
    parser.add_argument("--weight-decay", type=float, default=0.0, metavar="WD")
    parser.add_argument("--optimizer", choices=["sgd", "adam"], default="adam")
    parser.add_argument("--clip", type=float, default=None, help="largest norm of the gradients")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--log-every", type=int, default=20)
    parser.add_argument("--no-cuda", action="store_true")
    parser.add_argument("--save", type=str, default=None)
    parser.add_argument("-v", "--verbose", action="store_true", default=False)
    return parser.parse_args()


def make_data(n, noise=0.1):
    x = torch.linspace(-3, 3, n).unsqueeze(1)
    y = torch.sin(x) + noise * torch.randn(n, 1)
    return x, y


def make_optimizer(args, model):
    if args.optimizer == "sgd":
        return optim.SGD(model.parameters(), lr=args.lr, momentum=0.9, weight_decay=args.weight_decay)
    elif args.optimizer == "adam":
        return optim.Adam(model.parameters(), lr=args.lr, weight_decay=args.weight_decay)
    raise ValueError(f"unknown optimizer {args.optimizer!r}")


def train(args, model, x, y, device):
    optimizer = make_optimizer(args, model)
    criterion = nn.MSELoss()
    losses = []
    for epoch in range(1, args.epochs + 1):
        model.train()
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        if args.clip is not None:
            norm = nn.utils.clip_grad_norm_(model.parameters(), args.clip)
            if args.verbose:
                print(f"  norm {norm:.4f}")
        optimizer.step()
        losses.append(loss.item())
        if epoch % args.log_every == 0 or epoch == args.epochs:
            print(f"epoch {epoch:3d}/{args.epochs} | loss {loss.item():.6f}")
    return losses


def main():
    args = parse_args()
    args.cuda = not args.no_cuda and torch.cuda.is_available()
    torch.manual_seed(args.seed)
    device = torch.device("cuda" if args.cuda else "cpu")
    print(f"device: {device}, cuda: {args.cuda}, clip: {args.clip}")
    x, y = make_data(128)
    model = SineNet(args.hidden, args.layers).to(device)
    n_params = sum(p.numel() for p in model.parameters() if p.requires_grad)
    print("parameters:", n_params)
    losses = train(args, model, x.to(device), y.to(device), device)
    best = min(losses)
    print("best loss %.5f at epoch %d" % (best, losses.index(best) + 1))
    if args.save:
        os.makedirs(os.path.dirname(args.save), exist_ok=True)
        torch.save(model.state_dict(), args.save)
        print("saved to", args.save)


if __name__ == "__main__":
    main()
