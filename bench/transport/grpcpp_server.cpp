// Echo.Fast on a stock grpc++ callback server: bench_grpcpp_server PORT

#include <echo.grpc.pb.h>
#include <grpcpp/grpcpp.h>

#include <csignal>
#include <cstdio>
#include <string>

namespace {

class EchoService final : public rustbill::wiretest::Echo::CallbackService {
    grpc::ServerUnaryReactor* Fast(grpc::CallbackServerContext* context,
                                   const rustbill::wiretest::EchoRequest* request,
                                   rustbill::wiretest::EchoResponse* response) override {
        response->set_text(request->text());
        auto* reactor = context->DefaultReactor();
        reactor->Finish(grpc::Status::OK);
        return reactor;
    }
};

}  // namespace

int main(int argc, char** argv) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);

    EchoService service;
    grpc::ServerBuilder builder;
    builder.AddListeningPort(std::string("127.0.0.1:") + (argc > 1 ? argv[1] : "50072"),
                             grpc::InsecureServerCredentials());
    builder.RegisterService(&service);
    const auto server = builder.BuildAndStart();
    if (!server) {
        std::fprintf(stderr, "cannot listen\n");
        return 1;
    }
    int signal = 0;
    sigwait(&signals, &signal);
    server->Shutdown();
    return 0;
}
