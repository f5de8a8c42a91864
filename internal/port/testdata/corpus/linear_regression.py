"""Fits a line to noisy points, with the gradients written out by hand at first."""
import torch

torch.manual_seed(1)

w_true = torch.tensor([2.0, -3.4])
b_true = 4.2


def synthetic_data(w, b, n):
    """Returns n points of y = Xw + b + noise."""
    x = torch.normal(0, 1, (n, len(w)))
    y = torch.matmul(x, w) + b
    y += torch.normal(0, 0.01, y.shape)
    return x, y.reshape((-1, 1))


def linreg(x, w, b):
    return torch.matmul(x, w) + b


def squared_loss(y_hat, y):
    return (y_hat - y.reshape(y_hat.shape)) ** 2 / 2


def sgd(params, lr, batch_size):
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad / batch_size
            param.grad.zero_()


features, labels = synthetic_data(w_true, b_true, 200)
w = torch.normal(0, 0.01, size=(2, 1), requires_grad=True)
b = torch.zeros(1, requires_grad=True)
lr = 0.03
num_epochs = 3
batch_size = 20

for epoch in range(num_epochs):
    for i in range(0, len(features), batch_size):
        x = features[i:i + batch_size]
        y = labels[i:i + batch_size]
        loss = squared_loss(linreg(x, w, b), y)
        loss.sum().backward()
        sgd([w, b], lr, batch_size)
    with torch.no_grad():
        train_loss = squared_loss(linreg(features, w, b), labels)
        print(f"epoch {epoch + 1}, loss {float(train_loss.mean()):f}")
print(f"error of w: {w_true - w.reshape(w_true.shape)}")
