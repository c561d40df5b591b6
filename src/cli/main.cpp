#include "cli/password_input.hpp"
#include "cli/program.hpp"

#include <iostream>

int main(int argument_count, char** arguments) {
    return rb::cli::run_program({arguments + 1, arguments + argument_count},
                                {.environment = rb::config::process_environment(),
                                 .read_password = rb::cli::read_password,
                                 .out = std::cout,
                                 .err = std::cerr});
}
