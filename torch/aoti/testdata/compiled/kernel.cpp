
#include <torch/csrc/inductor/cpp_prefix.h>
extern "C"  void  cpp_fused_0(float* out_ptr0)
{
    std::atomic<int> inductor_cpu_integer_div_error{0};
    inductor_cpu_integer_div_error_flag = &inductor_cpu_integer_div_error;
    {
        #pragma GCC ivdep
        for(int64_t x0=static_cast<int64_t>(0L); x0<static_cast<int64_t>(8L); x0+=static_cast<int64_t>(1L))
        {
            {
                {
                    auto tmp0 = x0;
                    auto tmp1 = c10::convert<int64_t>(tmp0);
                    auto tmp2 = static_cast<int64_t>(4);
                    auto tmp3 = tmp1 < tmp2;
                    auto tmp4 = static_cast<int64_t>(2);
                    auto tmp5 = tmp1 < tmp4;
                    auto tmp6 = static_cast<int64_t>(1);
                    auto tmp7 = tmp1 < tmp6;
                    auto tmp8 = static_cast<float>(-0.32408982515335083);
                    auto tmp9 = static_cast<float>(-0.23016643524169922);
                    auto tmp10 = tmp7 ? tmp8 : tmp9;
                    auto tmp11 = static_cast<int64_t>(3);
                    auto tmp12 = tmp1 < tmp11;
                    auto tmp13 = static_cast<float>(-0.3493202328681946);
                    auto tmp14 = static_cast<float>(-0.46828049421310425);
                    auto tmp15 = tmp12 ? tmp13 : tmp14;
                    auto tmp16 = tmp5 ? tmp10 : tmp15;
                    auto tmp17 = static_cast<int64_t>(6);
                    auto tmp18 = tmp1 < tmp17;
                    auto tmp19 = static_cast<int64_t>(5);
                    auto tmp20 = tmp1 < tmp19;
                    auto tmp21 = static_cast<float>(-0.29187023639678955);
                    auto tmp22 = static_cast<float>(0.42979902029037476);
                    auto tmp23 = tmp20 ? tmp21 : tmp22;
                    auto tmp24 = static_cast<int64_t>(7);
                    auto tmp25 = tmp1 < tmp24;
                    auto tmp26 = static_cast<float>(0.2231091856956482);
                    auto tmp27 = static_cast<float>(0.24233627319335938);
                    auto tmp28 = tmp25 ? tmp26 : tmp27;
                    auto tmp29 = tmp18 ? tmp23 : tmp28;
                    auto tmp30 = tmp3 ? tmp16 : tmp29;
                    out_ptr0[static_cast<int64_t>(x0)] = tmp30;
                }
            }
        }
    }
    inductor_cpu_integer_div_error_flag = nullptr;
    inductor_cpu_throw_if_integer_div_error(inductor_cpu_integer_div_error);
}

#include <torch/csrc/inductor/cpp_prefix.h>
extern "C"  void  cpp_fused_relu_1(float* in_out_ptr0,
                       float* out_ptr0,
                       const int64_t ks0)
{
    std::atomic<int> inductor_cpu_integer_div_error{0};
    inductor_cpu_integer_div_error_flag = &inductor_cpu_integer_div_error;
    {
        #pragma GCC ivdep
        for(int64_t x0=static_cast<int64_t>(0L); x0<static_cast<int64_t>(8L*ks0); x0+=static_cast<int64_t>(1L))
        {
            {
                {
                    auto tmp0 = in_out_ptr0[static_cast<int64_t>(x0)];
                    auto tmp1 = std::max(tmp0, decltype(tmp0)(0));
                    in_out_ptr0[static_cast<int64_t>(x0)] = tmp1;
                }
            }
        }
    }
    {
        #pragma GCC ivdep
        for(int64_t x0=static_cast<int64_t>(0L); x0<static_cast<int64_t>(3L); x0+=static_cast<int64_t>(1L))
        {
            {
                {
                    auto tmp0 = x0;
                    auto tmp1 = c10::convert<int64_t>(tmp0);
                    auto tmp2 = static_cast<int64_t>(1);
                    auto tmp3 = tmp1 < tmp2;
                    auto tmp4 = static_cast<int64_t>(2);
                    auto tmp5 = tmp1 < tmp4;
                    auto tmp6 = static_cast<float>(-0.04462457820773125);
                    auto tmp7 = static_cast<float>(0.013499214313924313);
                    auto tmp8 = tmp5 ? tmp6 : tmp7;
                    auto tmp9 = static_cast<float>(0.19409091770648956);
                    auto tmp10 = tmp3 ? tmp9 : tmp8;
                    out_ptr0[static_cast<int64_t>(x0)] = tmp10;
                }
            }
        }
    }
    inductor_cpu_integer_div_error_flag = nullptr;
    inductor_cpu_throw_if_integer_div_error(inductor_cpu_integer_div_error);
}

#include <torch/csrc/inductor/cpp_prefix.h>
extern "C"  void  cpp_fused_add_cat_mul_sum_2(const float* in_ptr0,
                       const float* in_ptr1,
                       const float* in_ptr2,
                       const float* in_ptr3,
                       float* out_ptr0,
                       float* out_ptr1,
                       float* out_ptr2,
                       float* out_ptr3,
                       const int64_t ks0)
{
    std::atomic<int> inductor_cpu_integer_div_error{0};
    inductor_cpu_integer_div_error_flag = &inductor_cpu_integer_div_error;
    {
        #pragma GCC ivdep
        for(int64_t x0=static_cast<int64_t>(0L); x0<static_cast<int64_t>(ks0); x0+=static_cast<int64_t>(1L))
        {
            #pragma GCC ivdep
            for(int64_t x1=static_cast<int64_t>(0L); x1<static_cast<int64_t>(3L); x1+=static_cast<int64_t>(1L))
            {
                {
                    {
                        auto tmp0 = in_ptr0[static_cast<int64_t>(x1 + 3L*x0)];
                        auto tmp1 = in_ptr1[static_cast<int64_t>(x1)];
                        auto tmp2 = float(tmp0 * tmp1);
                        auto tmp3 = x1;
                        auto tmp4 = c10::convert<int64_t>(tmp3);
                        auto tmp5 = static_cast<int64_t>(1);
                        auto tmp6 = tmp4 < tmp5;
                        auto tmp7 = static_cast<int64_t>(2);
                        auto tmp8 = tmp4 < tmp7;
                        auto tmp9 = static_cast<float>(2.0);
                        auto tmp10 = static_cast<float>(3.0);
                        auto tmp11 = tmp8 ? tmp9 : tmp10;
                        auto tmp12 = static_cast<float>(1.0);
                        auto tmp13 = tmp6 ? tmp12 : tmp11;
                        auto tmp14 = float(tmp2 + tmp13);
                        out_ptr0[static_cast<int64_t>(x1 + 3L*x0)] = tmp14;
                    }
                }
            }
        }
    }
    {
        #pragma GCC ivdep
        for(int64_t x0=static_cast<int64_t>(0L); x0<static_cast<int64_t>(6L); x0+=static_cast<int64_t>(1L))
        {
            {
                {
                    auto tmp0 = in_ptr2[static_cast<int64_t>(x0)];
                    out_ptr1[static_cast<int64_t>(x0)] = tmp0;
                }
            }
        }
    }
    {
        {
            float tmp_acc0 = 0;
            for(int64_t x0=static_cast<int64_t>(0L); x0<static_cast<int64_t>(3L*ks0); x0+=static_cast<int64_t>(1L))
            {
                {
                    {
                        auto tmp0 = out_ptr0[static_cast<int64_t>(x0)];
                        tmp_acc0 = tmp_acc0 + tmp0;
                    }
                }
            }
            out_ptr2[static_cast<int64_t>(0L)] = tmp_acc0;
        }
    }
    {
        #pragma GCC ivdep
        for(int64_t x0=static_cast<int64_t>(0L); x0<static_cast<int64_t>(4L*ks0); x0+=static_cast<int64_t>(1L))
        {
            {
                {
                    auto tmp0 = in_ptr3[static_cast<int64_t>(x0)];
                    auto tmp1 = static_cast<float>(1.0);
                    auto tmp2 = float(tmp0 + tmp1);
                    out_ptr3[static_cast<int64_t>(x0)] = tmp2;
                }
            }
        }
    }
    inductor_cpu_integer_div_error_flag = nullptr;
    inductor_cpu_throw_if_integer_div_error(inductor_cpu_integer_div_error);
}

