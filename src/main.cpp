// The program: everything it does is a command in app/commands.
int main() { return 0; }
