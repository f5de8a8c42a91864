"""A recurrent network made of linear layers, which tells where a name is from."""
import torch
import torch.nn as nn

ALL_LETTERS = "abcdefghijklmnopqrstuvwxyz"
n_letters = len(ALL_LETTERS)

category_lines = {
    "english": ["smith", "jones", "taylor", "brown"],
    "italian": ["rossi", "russo", "ferrari", "bianchi"],
    "german": ["mueller", "schmidt", "schneider", "fischer"],
}
all_categories = ["english", "italian", "german"]
n_categories = len(all_categories)


# Find letter index from all_letters, e.g. "a" = 0
def letter_to_index(letter):
    return ALL_LETTERS.find(letter)


# Turn a line into a <line_length x 1 x n_letters>,
# or an array of one-hot letter vectors
def line_to_tensor(line):
    tensor = torch.zeros(len(line), 1, n_letters)
    for li, letter in enumerate(line):
        tensor[li][0][letter_to_index(letter)] = 1
    return tensor


class RNN(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super(RNN, self).__init__()
        self.hidden_size = hidden_size
        self.i2h = nn.Linear(input_size + hidden_size, hidden_size)
        self.i2o = nn.Linear(input_size + hidden_size, output_size)
        self.softmax = nn.LogSoftmax(dim=1)

    def forward(self, input, hidden):
        combined = torch.cat((input, hidden), 1)
        hidden = torch.tanh(self.i2h(combined))
        output = self.i2o(combined)
        output = self.softmax(output)
        return output, hidden

    def init_hidden(self):
        return torch.zeros(1, self.hidden_size)


def category_from_output(output):
    top_n, top_i = output.topk(1)
    category_i = top_i[0].item()
    return all_categories[category_i], category_i


torch.manual_seed(4)
rnn = RNN(n_letters, 16, n_categories)
criterion = nn.NLLLoss()
learning_rate = 0.05


def train(category_tensor, line_tensor):
    hidden = rnn.init_hidden()
    rnn.zero_grad()
    for i in range(line_tensor.size(0)):
        output, hidden = rnn(line_tensor[i], hidden)
    loss = criterion(output, category_tensor)
    loss.backward()
    # Add parameters' gradients to their values, multiplied by learning rate
    for p in rnn.parameters():
        p.data.add_(p.grad, alpha=-learning_rate)
    return output, loss.item()


current_loss = 0
for it in range(1, 31):
    category_index = it % n_categories
    category = all_categories[category_index]
    lines = category_lines[category]
    line = lines[it % len(lines)]
    output, loss = train(torch.tensor([category_index]), line_to_tensor(line))
    current_loss += loss
    if it % 10 == 0:
        guess, guess_i = category_from_output(output)
        correct = "right" if guess == category else "wrong (%s)" % category
        print("%d %.4f %s / %s %s" % (it, current_loss / 10, line, guess, correct))
        current_loss = 0
